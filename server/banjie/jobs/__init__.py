"""Jobs in the database, by procrastinate: deferred in the transaction of the case they belong to."""
