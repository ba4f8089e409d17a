"""Pages about policies: what each demands and why, with an example of both from its case table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path

from stackproof.document.controls import Control, answers
from stackproof.document.tables import table
from stackproof.judge.discover import LoadedPolicy
from stackproof.policy.cases import Case, load_cases, try_case

MADE = "<!-- made by `stackproof docs`; change the policy or its cases instead -->"
"""The first line of every page."""

INDEX, CONTROLS = "README", "controls"
"""The names of the pages that are about all policies."""

_SHORT = 600
"""An example up to this length is taken in at a glance, in characters."""

_STANDARDS = {
    "FSBP": "AWS Foundational Security Best Practices",
    "CIS": "CIS AWS Foundations Benchmark 3.0.0",
    "NIST": "NIST SP 800-53 revision 5",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A case of a table, as it is written there.

    Attributes:
        case: the case.
        text: its template, or its stacks.
    """

    case: Case
    text: str

    @property
    def cost(self) -> tuple[int, int]:
        """How much a reader has to take in: what the template does not say by itself, then its length."""
        beside = len(self.case.templates) - 1 + len(self.case.parameters) + len(self.case.regions)
        return beside + (not self.case.protected), len(self.text)

    @property
    def is_plain(self) -> bool:
        """Whether it is short and says everything itself."""
        beside, length = self.cost
        return not beside and length <= _SHORT


def policy_pages(
    policies: Sequence[LoadedPolicy], tables: Path | None, controls: Iterable[Control] = ()
) -> dict[str, str]:
    """Return a page by file name for every service, the index, and the page about published controls.

    Parameters:
        policies: what the pages are about.
        tables: the folder of the case tables, if there is one.
        controls: published controls that somebody should answer to.

    Raises:
        InputError: a case table is wrong.
    """
    services: dict[str, list[LoadedPolicy]] = {}
    for policy in sorted(policies, key=lambda policy: (_service(policy), policy.policy.id)):
        services.setdefault(_service(policy), []).append(policy)
    pages = {service: _service_page(service, members, tables) for service, members in services.items()}
    pages[INDEX] = _index(services)
    pages[CONTROLS] = _controls_page(policies, controls)
    return {f"{name}.md": text for name, text in pages.items()}


def _service(policy: LoadedPolicy) -> str:
    return policy.name.rpartition("/")[0].replace("/", "-") or "policies"


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in (MADE, *parts) if part) + "\n"


def _index(services: MappingABC[str, Sequence[LoadedPolicy]]) -> str:
    return _page(_index_parts(services))


def _index_parts(services: MappingABC[str, Sequence[LoadedPolicy]]) -> Iterator[str]:
    count = sum(map(len, services.values()))
    yield "# Policies"
    yield f"{count} {'policy' if count == 1 else 'policies'}. [Published controls]({CONTROLS}.md) and who answers them."
    for service, policies in services.items():
        yield f"## [{service}]({service}.md)"
        rows = [
            (_link(policy), policy.title, policy.policy.severity.value, ", ".join(policy.policy.controls))
            for policy in policies
        ]
        yield table(("id", "what it demands", "severity", "controls"), rows)


def _link(policy: LoadedPolicy) -> str:
    return f"[{policy.policy.id}]({_service(policy)}.md#{policy.policy.id.lower()})"


def _service_page(service: str, policies: Iterable[LoadedPolicy], tables: Path | None) -> str:
    sections = [part for policy in policies for part in _section(policy, tables)]
    return _page([f"# {service}", *sections])


def _section(policy: LoadedPolicy, tables: Path | None) -> Iterator[str]:
    about = policy.policy
    yield f'<a id="{about.id.lower()}"></a>\n## {about.id} {policy.title}'
    yield table(
        ("severity", "name", "judges", "where", "controls"),
        [
            (
                about.severity.value,
                f"`{policy.name}`",
                ", ".join(f"`{name}`" for name in about.types),
                "protected environments" if about.protected_only else "every environment",
                ", ".join(about.controls) or "none",
            )
        ],
    )
    yield about.rationale
    yield f"**Fix:** {about.remediation}"
    path = tables / f"{policy.name}.yaml" if tables is not None else None
    if path is not None and path.is_file():
        yield from _examples(policy, path)


def _examples(policy: LoadedPolicy, path: Path) -> Iterator[str]:
    written = list(_written(path))
    failing = [example for example in written if example.case.fail and not example.case.unproven]
    # Tables begin with what matters most; what is short explains best.
    bad = next((example for example in failing if example.is_plain), min(failing, key=lambda e: e.cost, default=None))
    if bad is not None:
        found = ", ".join(f"`{name}` at {_places(places)}" for name, places in bad.case.fail.items())
        yield f"Bad ({bad.case.name}): {found}.{_given(bad.case)}"
        yield _code(bad.text)
    quiet = (example for example in written if not example.case.fail and not example.case.unproven)
    for good in sorted(quiet, key=partial(_distance, bad=bad)):
        if try_case(policy, good.case).passed:
            yield f"Good ({good.case.name}).{_given(good.case)}"
            yield _code(good.text)
            return


def _places(paths: Iterable[str]) -> str:
    return " and ".join(f"`{path}`" if path else "the whole" for path in paths)


def _given(case: Case) -> str:
    said = [f"`{name}` is `{value}`" for name, value in case.parameters.items()]
    said += [f"`{stack}` is in {region}" for stack, region in case.regions.items()]
    if not case.protected:
        said.append("the environment is not protected")
    return f" Here {', '.join(said)}." if said else ""


def _code(text: str) -> str:
    return f"```yaml\n{text}\n```"


def _distance(good: Example, bad: Example | None) -> tuple[int, float, int]:
    """How far a passing example is from the failing one, so that a reader sees what makes the difference."""
    alike = SequenceMatcher(None, bad.text, good.text, autojunk=False).ratio() if bad else 0.0
    beside, length = good.cost
    return beside, round(-alike, 2), length


def _written(path: Path) -> Iterator[Example]:
    """Yield the cases of a table with their template as it is written, without what surrounds it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cases = load_cases(path)
    ends = [case.mark.line - 1 for case in cases[1:]] + [len(lines)]
    for case, end in zip(cases, ends, strict=True):
        yield Example(case, _template_text(lines[case.mark.line - 1 : end], several=len(case.templates) > 1))


def _template_text(lines: Sequence[str], *, several: bool) -> str:
    """Return what stands under ``template:`` or ``stacks:``."""
    entries: list[list[str]] = []
    for line in (line.replace("- ", "  ", 1) if number == 0 else line for number, line in enumerate(lines)):
        if line.startswith("  ") and line[2:3] not in (" ", "#", ""):
            entries.append([])
        if entries and not line.startswith(("#", "  #")):
            entries[-1].append(line)
    (entry,) = (entry for entry in entries if entry[0].split(":")[0].strip() in ("template", "stacks"))
    first = entry[0].partition(":")[2].split(" #")[0].strip()
    rest = textwrap.dedent("\n".join(entry[1:])).strip("\n")
    text = "\n".join(part for part in (first, rest) if part)
    return f"# one entry for each stack\n{text}" if several else text


def _controls_page(policies: Sequence[LoadedPolicy], controls: Iterable[Control]) -> str:
    return _page(_controls_parts(policies, list(controls)))


def _controls_parts(policies: Sequence[LoadedPolicy], controls: Sequence[Control]) -> Iterator[str]:
    answered = answers(policies)
    yield "# Published controls"
    if controls:
        unanswered = [control for control in controls if control.reason and control.id not in answered]
        yield (
            f"Of {len(controls)} controls of the {_STANDARDS['FSBP']} standard about the services that are judged, "
            f"{len(controls) - len(unanswered)} are answered by a policy. The rest stands here with its reason."
        )
    for standard, title in _STANDARDS.items():
        listed = {control.id: control for control in controls if control.standard == standard}
        others = sorted((name for name in answered.keys() - listed if name.startswith(standard)), key=_order)
        if listed or others:
            yield f"## {title}"
            yield _control_table(standard, listed, others, answered)


def _control_table(
    standard: str,
    listed: MappingABC[str, Control],
    others: Iterable[str],
    answered: MappingABC[str, Sequence[LoadedPolicy]],
) -> str:
    """Return who answers each control; what it asks is said where somebody wrote that down."""
    asks = ("what it asks",) if listed else ()
    rows = []
    for name in (*listed, *others):
        control = listed.get(name)
        answer = ", ".join(map(_link, answered.get(name, ()))) or (control.reason if control else "")
        said = (control.title if control else "a control of Security Hub outside of this list",) if listed else ()
        rows.append((name.removeprefix(f"{standard} "), *said, answer))
    return table(("control", *asks, "answered by, or why by none"), rows)


def _order(control: str) -> list[tuple[int, str]]:
    """Sort ``AC-4`` before ``AC-17``."""
    words = control.replace("-", " ").replace(".", " ").replace("(", " ").rstrip(")").split()
    return [(int(word), "") if word.isdigit() else (0, word) for word in words]
