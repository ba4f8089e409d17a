"""Registers a check per policy with checkov, see ``stackproof.adapters.checkov``.

checkov logs an external check that cannot be loaded, and passes. So what keeps this one from loading becomes a failed
check of every template, whichever checks are asked for. The module has a long name because checkov puts its folder on
``sys.path``: it must not stand before another one.
"""

from os.path import relpath
from typing import Any


def _fail_every_template(error: Exception) -> None:
    from checkov.cloudformation.runner import Runner
    from checkov.common.models.enums import CheckResult
    from checkov.common.output.record import Record

    check_definitions = Runner.check_definitions

    def failing(self: Any, root_folder: str | None, runner_filter: Any, report: Any) -> None:
        check_definitions(self, root_folder, runner_filter, report)
        for path, lines in self.definitions_raw.items():
            record = Record(
                check_id="SP100",
                check_name="Templates can be judged, and their waivers hold",
                check_result={"result": CheckResult.FAILED, "evaluated_keys": []},
                code_block=lines[:1],
                file_path=f"/{relpath(path, root_folder)}",
                file_line_range=[1, 1],
                resource="Template",
                evaluations={},
                check_class=__name__,
                file_abs_path=path,
            )
            record.set_guideline(f"stackproof cannot be loaded by checkov: {type(error).__name__}: {error}")
            report.add_record(record)

    Runner.check_definitions = failing


try:
    from stackproof.adapters.checkov import register

    register()
except Exception as error:
    _fail_every_template(error)
