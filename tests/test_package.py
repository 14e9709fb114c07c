"""What is shipped: the wheel, installed where nothing of this checkout can help it."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
TIMEOUT_S = 300.0


def run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_wheel_renders_the_founding_article(tmp_path: Path) -> None:
    pip = ("-m", "pip", "--disable-pip-version-check", "--quiet")
    run(sys.executable, *pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("postkit_social-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    templates = ROOT / "templates"
    shipped = {
        f"postkit/_templates/{path.relative_to(templates).as_posix()}"
        for path in templates.rglob("*")
        if path.is_file()
    }
    assert shipped <= set(names)
    assert "postkit/py.typed" in names
    assert not [name for name in names if name.startswith(("posts/", "tests/", "docs/"))]
    assert not [name for name in names if "__pycache__" in name]

    venv.create(tmp_path / "venv", with_pip=False)  # to install that takes five seconds
    scripts = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    into = ("--python", scripts / "python")
    run(sys.executable, *pip, *into, "install", wheel, cwd=tmp_path)
    article = tmp_path / "article.md"
    article.write_bytes((ROOT / "posts" / "llama-2-license.md").read_bytes())
    golden = ROOT / "tests" / "cases" / "golden" / "llama-2-license.linkedin.txt"
    assert run(scripts / "postkit", "render", article, cwd=tmp_path) == golden.read_text("utf-8")
    assert run(scripts / "postkit", "new", "First one", cwd=tmp_path) == "first-one.md\n"
    assert run(scripts / "postkit", "--version", cwd=tmp_path).startswith("postkit ")
