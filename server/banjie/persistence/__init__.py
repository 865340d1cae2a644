"""PostgreSQL: connections, migrations, and every statement of SQL.

Statements are plain SQL, prepared by the driver: expressions built at run time cost as much as the
engine does (ADR 0002).
"""
