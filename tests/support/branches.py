"""An office that also runs a process with two parallel branches: Check, then Left beside Right, then Close."""

from __future__ import annotations

import shutil
from pathlib import Path

from banjie.content.bundle import load_bundle
from banjie.domain.assignment import Membership
from banjie.services import deployments, instances, people, tasks
from support.content import copy_content
from support.office import Office

CONTENT = Path(__file__).parent.parent / "service" / "content_returns"
#: Who works at each step; at the bureau there is a second officer, han.
OFFICERS = {"Check": "zhao", "Left": "zhao", "Right": "jiang", "Close": "zhao"}


class BranchesOffice(Office):
    """As `Office`; `begin`, `done` and `at` walk the cases of the process."""

    def __init__(self, database_url: str, tmp_path: Path) -> None:
        root = copy_content(tmp_path / "content")
        shutil.copytree(CONTENT, root, dirs_exist_ok=True)
        super().__init__(database_url, tmp_path, content=root)
        deployments.deploy(self.rt, load_bundle(root, "branches"))
        self.add_officer("han", "bureau_officer", "bureau-ulanhot")

    def add_officer(self, username: str, role: str, agency: str) -> None:
        people.add_person(
            self.rt, username=username, password="a long password", display_name=username,
            memberships=[Membership(role=role, agency=agency)],
        )  # fmt: skip
        self.actors[username] = people.actor_named(self.rt, username)

    def begin(self) -> str:
        """Apply; Check is open."""
        command = instances.StartCase(
            service="branches", by=self.actors["wang"], submission={"region": "152201", "word": "请"}
        )
        return instances.start(self.rt, command).case_no

    def done(self, case_no: str, element: str, word: str = "好", by: str | None = None) -> int:
        """Complete an open step of a case; the id of its task."""
        task = self.open_task(case_no, element)
        command = tasks.CompleteTask(
            task_id=task.id, by=self.actors[by or OFFICERS[element]], submission={"word": word}
        )
        tasks.complete(self.rt, command)
        return task.id

    def held(self, case_no: str, element: str, by: str | None = None) -> int:
        """An open step in the hands of its officer; the id of its task."""
        task = self.open_task(case_no, element)
        tasks.claim(self.rt, self.actors[by or OFFICERS[element]], task.id)
        return task.id

    def forked(self) -> str:
        """A case at Left and Right."""
        case_no = self.begin()
        self.done(case_no, "Check")
        return case_no
