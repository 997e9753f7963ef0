"""What to keep running, written down: the keeper reads it and needs nothing else."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

SUPERVISED = "TRIBUTARY_SUPERVISED"
"""Marks our processes in their environment, with the data folder they work for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One process to keep running."""

    name: str
    command: tuple[str, ...]
    port: int = 0
    """Where it listens once it is ready. Zero if it listens nowhere."""
    host: str = ""
    """On which address; that of the plan unless it says so."""
    shows: str = ""
    """What to tell people about it."""
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One installation on this machine."""

    base_dir: Path
    data_dir: Path
    host: str
    servers: tuple[str, ...]
    """The names of the embedded servers it uses."""
    programs: tuple[Program, ...]
    farewell: str
    """What to say when everything is ready."""

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), default=str, indent=1))
        path.chmod(0o600)

    @classmethod
    def read(cls, path: Path) -> "Plan":
        content = json.loads(path.read_text())
        programs = tuple(
            Program(**{**it, "command": tuple(it["command"])})
            for it in content.pop("programs")
        )
        return cls(
            base_dir=Path(content.pop("base_dir")),
            data_dir=Path(content.pop("data_dir")),
            servers=tuple(content.pop("servers")),
            programs=programs,
            **content,
        )
