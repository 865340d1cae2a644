"""An enterprise in the registers, with people whom it may have subsidies for."""

from __future__ import annotations

from datetime import date

from banjie.domain.entitlements import MatchRun
from banjie.persistence.text import dumps
from banjie.services import demo, entitlements
from support.office import Office

YEAR, GRADUATE, SOCIAL = 2023, "hiring-subsidy-graduate", "social-insurance-subsidy"
FIRM, OTHER_FIRM = demo.credit_code(801), demo.credit_code(802)
PEOPLE = [demo.id_number(serial) for serial in (811, 812, 813)]


def fill_registers(office: Office) -> None:
    """Two firms: one with a graduate of the year, one of long ago and one without work; the other far away."""
    office.clock.set("2023-09-05T09:00")
    facts = [
        {"graduated_on": "2023-06-30"},
        {"graduated_on": "2010-06-30"},
        {"unemployment_registered_on": "2022-01-01"},
    ]
    with office.rt.store.begin() as uow:
        for uscc, name, region in (
            (FIRM, "晨光食品有限公司", "152201"),
            (OTHER_FIRM, "远方食品有限公司", "152224"),
        ):
            uow.db.run(
                "INSERT INTO reg_enterprise (uscc, source, name, region, facts, as_of) "
                "VALUES (%s, '市场监管', %s, %s, %s::jsonb, '2023-08-01')",
                (uscc, name, region, dumps({"unit_kind": "enterprise", "size": "small"})),
            )
        for number, of, name in zip(PEOPLE, facts, ("包青山", "白音图", "乌日娜"), strict=True):
            uow.db.run(
                "INSERT INTO reg_person (id_number, source, name, region, facts, as_of) "
                "VALUES (%s, '人社', %s, '152201', %s::jsonb, '2023-08-01')",
                (number, name, dumps(of)),
            )
            for month in (6, 7, 8):
                uow.db.run(
                    "INSERT INTO reg_insured_month (id_number, month, uscc, source, paid, as_of) "
                    "VALUES (%s, %s, %s, '人社', 800, '2023-08-31')",
                    (number, date(YEAR, month, 1), FIRM),
                )


def matched(office: Office, service: str = GRADUATE, by: str = "zhao") -> MatchRun:
    """Search the registers of the county."""
    run_id = entitlements.start(office.rt, office.actors[by], service, "152201")
    return entitlements.run(office.rt, run_id)
