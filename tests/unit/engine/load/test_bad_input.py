"""Whatever a file holds: a template, or one line that names the place."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from stackproof import InputError, load_deployment, load_template, parse_template

HEAD = "AWSTemplateFormatVersion: '2010-09-09'\n"
TOPIC = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
GOOD = HEAD + TOPIC
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 10)}]\n" for i in range(9)
)

WRONG: dict[str, tuple[bytes, str]] = {
    "not YAML": (b"a: [b\n", "2: not well-formed YAML or JSON: did not find expected ',' or ']'"),
    "not JSON": (b'{"a": 1,,}', "1: not well-formed YAML or JSON: did not find expected node content"),
    "JSON that breaks off": (b'{"a": ', "1: not well-formed YAML or JSON: did not find expected node content"),
    "YAML bomb": (BOMB.encode(), "6: more than 250,000 values once its aliases are expanded"),
    "2,000 levels of flow": (b"[" * 2000 + b"]" * 2000, "1: nested more than 100 levels deep"),
    "2,000 levels of JSON": (b'{"a":' * 2000 + b"1" + b"}" * 2000, "1: nested more than 100 levels deep"),
    "2,000 levels of blocks": (
        "".join(f"{' ' * depth}a:\n" for depth in range(1400)).encode(),
        "101: nested more than 100 levels deep",
    ),
    "2,000 levels of dashes": (b"- " * 2000 + b"x\n", "1: nested more than 100 levels deep"),
    "400,000 levels": (b"[" * 400_000, "1: nested more than 100 levels deep"),
    "empty": (b"", "1: empty file"),
    "only spaces": (b" \n\n", "1: empty file"),
    "only comments": (b"# one\n# two\n", "1: empty file"),
    "only a document's start": (b"---\n", "1: empty file"),
    "not UTF-8": (GOOD.encode() + b"# \xff\xfe\n", "5: not UTF-8 text"),
    "UTF-16": (GOOD.encode("utf-16"), "1: not UTF-8 text"),
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00", "1: binary data, not a template"),
    "tab as indentation": (
        b"Resources:\n\tTopic: 1\n",
        "2: not well-formed YAML or JSON: found character that cannot start any token",
    ),
    "control character": (
        HEAD.encode() + b"Metadata: \x01\n",
        "1: not well-formed YAML or JSON: control characters are not allowed",
    ),
    "duplicate key": (GOOD.encode() + b"  Topic:\n    Type: a\n", "5: duplicate key 'Topic', first at line 3"),
    "duplicate key in JSON": (b'{"Resources": {\n"A": 1,\n"A": 2}}', "3: duplicate key 'A', first at line 2"),
    "several documents": (f"{GOOD}---\n{GOOD}".encode(), "5: more than one document in the file"),
    "unknown alias": (f"{HEAD}Metadata: *x\n{TOPIC}".encode(), "2: unknown alias '*x'"),
    "alias inside of what it names": (f"{HEAD}Metadata: &x [*x]\n{TOPIC}".encode(), "2: unknown alias '*x'"),
    "merge key": (
        f"{HEAD}Metadata: {{<<: {{a: b}}}}\n{TOPIC}".encode(),
        "2: merge keys ('<<') are not supported by CloudFormation",
    ),
    "list as key": (f"{HEAD}Metadata: {{[a]: b}}\n{TOPIC}".encode(), "2: a key must be plain text"),
    "object as key": (f"{HEAD}Metadata: {{{{a: b}}: c}}\n{TOPIC}".encode(), "2: a key must be plain text"),
    "alias as key": (f"{HEAD}Metadata: {{a: &x b, *x : c}}\n{TOPIC}".encode(), "2: a key must be plain text"),
    "Python's tags": (
        f"{HEAD}Metadata: !!python/object/apply:os.system [id]\n{TOPIC}".encode(),
        "2: unsupported tag 'tag:yaml.org,2002:python/object/apply:os.system'",
    ),
    "half of a surrogate pair": (
        b'{"Description": "\\ud800"}',
        "1: not well-formed YAML or JSON: found invalid Unicode character escape code",
    ),
    "a text": (b"hello", "1: Template format error: unsupported structure; a template is a mapping of sections"),
    "an address": (
        b"https://example.org/template.yaml",
        "1: Template format error: unsupported structure; a template is a mapping of sections",
    ),
    "a list": (b"- a\n", "1: Template format error: unsupported structure; a template is a mapping of sections"),
    "a number": (b"1", "1: Template format error: unsupported structure; a template is a mapping of sections"),
}


@pytest.mark.parametrize("name", WRONG)
def test_refused(name: str, tmp_path: Path) -> None:
    """One line with file and line, and memory in proportion to the file."""
    content, message = WRONG[name]
    path = tmp_path / "web.yaml"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            load_template(path, "web.yaml")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(caught.value) == f"web.yaml:{message}"
    assert peak < 64 * 2**20


def test_pattern_of_a_line(tmp_path: Path) -> None:
    """The message stays one line, whatever the file says."""
    path = tmp_path / "web.yaml"
    path.write_text('Resources: {"a\\nb": 1}\n')
    with pytest.raises(InputError) as caught:
        load_template(path, "web.yaml")
    assert str(caught.value) == "web.yaml:1: Template format error: Resource name a b is non alphanumeric."


def test_fifty_megabytes(tmp_path: Path) -> None:
    """A file larger than CloudFormation accepts is not even read."""
    path = tmp_path / "web.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(InputError) as caught:
        load_template(path, "web.yaml")
    assert str(caught.value) == "web.yaml:1: file of 50,000,000 bytes; CloudFormation accepts at most 1,048,576"


def test_directory(tmp_path: Path) -> None:
    """A directory is no file."""
    with pytest.raises(InputError) as caught:
        load_template(tmp_path, "folder")
    assert str(caught.value) == "folder:1: cannot be read: Is a directory"


def test_missing_file(tmp_path: Path) -> None:
    """Nor is nothing."""
    with pytest.raises(InputError) as caught:
        load_template(tmp_path / "web.yaml", "web.yaml")
    assert str(caught.value) == "web.yaml:1: cannot be read: No such file or directory"


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read is named."""
    path = tmp_path / "web.yaml"
    path.write_text(GOOD)

    def refuse(self: Path, mode: str) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError) as caught:
        load_template(path, "web.yaml")
    assert str(caught.value) == "web.yaml:1: cannot be read: Permission denied"


def test_endless_file() -> None:
    """A file without an end is not read to it."""
    with pytest.raises(InputError) as caught:
        load_template("/dev/zero")
    assert str(caught.value) == "/dev/zero:1: file of 1,048,577 bytes; CloudFormation accepts at most 1,048,576"


ACCEPTED: dict[str, bytes] = {
    "byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "CRLF": GOOD.replace("\n", "\r\n").encode(),
    "JSON": b'{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}',
    "JSON with tabs": b'{\n\t"Resources":\t{"Topic":\t{"Type": "AWS::SNS::Topic"}}\n}',
    "JSON without spaces": b'{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}',
    "JSON with escapes": b'{"Description":"\\/\\ud83d\\ude00\\u00fc","Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}',
    "a document's start and end": f"---\n{GOOD}...\n".encode(),
    "anchors": f"{HEAD}Metadata: {{a: &x [1], b: *x}}\n{TOPIC}".encode(),
    "a long text": f"{HEAD}Metadata: {{a: {'x' * 900_000}}}\n{TOPIC}".encode(),
    "ten thousand names": "".join(["Metadata:\n", *(f"  k{i}: v\n" for i in range(10_000)), TOPIC]).encode(),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str, tmp_path: Path) -> None:
    """What CloudFormation reads is read."""
    path = tmp_path / "web.yaml"
    path.write_bytes(ACCEPTED[name])
    assert {key: item.type for key, item in load_template(path).resources.items()} == {"Topic": "AWS::SNS::Topic"}


SCALARS = {
    "1": 1,
    "-7": -7,
    "1.5": 1.5,
    "1e3": 1000.0,
    "0": 0,
    "010": "010",
    "1_000": "1_000",
    "0x1f": "0x1f",
    "12:30:45": "12:30:45",
    "2010-09-09": "2010-09-09",
    "012345678901": "012345678901",
    "1e999999": "1e999999",
    "-1e999999": "-1e999999",
    ".inf": ".inf",
    ".nan": ".nan",
    "9" * 10_000: "9" * 10_000,
    "true": True,
    "Yes": True,
    "OFF": False,
    "tRue": "tRue",
    "'true'": "true",
    '"1"': "1",
    "!!str 1": "1",
    "!!int 1": 1,
}


@pytest.mark.parametrize("written", SCALARS, ids=lambda text: text[:12])
def test_scalars(written: str) -> None:
    """Numbers and booleans of YAML 1.1; what no number can hold stays the text that it is."""
    template = parse_template(f"{TOPIC}    Properties: {{Value: {written}}}\n")
    from stackproof.load.nodes import plain

    value = plain(template.resources["Topic"].attributes)["Properties"]["Value"]
    assert (type(value), value) == (type(SCALARS[written]), SCALARS[written])


def test_keys_that_are_no_text_are_read_as_text() -> None:
    """Names may look like numbers, booleans or nothing."""
    from stackproof.load.nodes import plain

    template = parse_template(f"{HEAD}Metadata: {{1: a, true: b, ~: c, 1.5: d}}\n{TOPIC}")
    assert plain(template.root)["Metadata"] == {"1": "a", "true": "b", "~": "c", "1.5": "d"}


def test_deployment_of_a_bad_file_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path is shown relative to the working directory."""
    (tmp_path / "web.yaml").write_text("a: [b\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"^web\.yaml:2: not well-formed"):
        load_deployment(tmp_path / "web.yaml")
