"""The recipes of docs/editors.md in the editors themselves, each without a window.

What an editor is configured with are the blocks of the page, so that they are what is tested. Each
run leaves a JSON file of what was seen in the editor. Debian 12 has Neovim 0.7, Emacs 28 with Eglot
1.9, and Vim 9 with ALE 3.3.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
SHARE = Path("/usr/share")
PATIENCE_S = 60

Json = dict[str, Any]

# Emoji take one character, two UTF-16 units and four bytes: who counts wrong is found out here.
LAST = "Two rockets 🚀🚀 that donâ€™t stop, and a cafÃ© to land at.\n"
DAMAGED = (ROOT / "posts" / "llama-2-license.md").read_text(encoding="utf-8") + "\n" + LAST
RUNS = [("â€™", "’"), ("‚è±Ô∏è", "⏱️")]  # behind the emoji, and in line 12


def needs(program: str, *patterns: str) -> pytest.MarkDecorator:
    """Skip where a program is missing, or what some patterns of paths stand for."""
    found = shutil.which(program) and all(any(SHARE.glob(pattern)) for pattern in patterns)
    return pytest.mark.skipif(not found, reason=f"needs {' and '.join([program, *patterns])}")


line_ends = pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
needs_nvim = needs("nvim")
needs_emacs = needs("emacs", "emacs/site-lisp/elpa-src/markdown-mode-*", "emacs/**/eglot.el*")
needs_vim = needs("vim")
needs_ale = needs("vim", "vim-ale")


def blocks(heading: str, kind: str) -> list[str]:
    """Return what is fenced below a heading of the page."""
    part = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert part is not None, heading
    found = re.findall(rf"^```{kind}\n(.*?)^```$", part[1], re.DOTALL | re.MULTILINE)
    assert found, heading
    return found


class Folder:
    """A folder with an article, and what it takes to open that in an editor."""

    def __init__(self, path: Path, content: str = DAMAGED) -> None:
        self.path = path / "articles"
        self.home = path / "home"
        self.path.mkdir()
        self.home.mkdir()
        self.article = self.path / "article.md"
        self.article.write_bytes(content.encode())
        self.seen = self.home / "seen.json"
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("POSTKIT_", "XDG_", "LC_", "VIM", "NVIM", "EMACS"))
            and name not in {"DISPLAY", "WAYLAND_DISPLAY"}
        }
        self.environment = {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{kept['PATH']}",
            "HOME": str(self.home),
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "ARTICLE": str(self.article),
            "SEEN": str(self.seen),
            "RUNS": json.dumps([damaged for damaged, _ in RUNS], ensure_ascii=False),
        }

    def write(self, name: str, *texts: str) -> Path:
        path = self.home / name
        path.write_text("\n".join(texts), encoding="utf-8")
        return path

    def run(self, *words: str | Path) -> Json:
        """Run an editor, and return what its script has seen."""
        done = subprocess.run(
            list(map(str, words)),
            cwd=self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stdout.decode("utf-8", "replace")
        assert self.seen.exists(), done.stdout.decode("utf-8", "replace")
        return json.loads(self.seen.read_text(encoding="utf-8"))

    def postkit(self, *words: str | Path) -> str:
        done = subprocess.run(
            [BIN / "postkit", *words],
            cwd=self.path,
            env=self.environment,
            capture_output=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert done.returncode in {0, 1}, done.stderr
        return done.stdout.decode("utf-8")

    def problems(self) -> list[Json]:
        """Return what `postkit check` finds; its columns count characters, from 1."""
        (checked,) = json.loads(self.postkit("check", "--json", "article.md"))["files"]
        return checked["problems"]

    def rendered(self) -> str:
        return self.postkit("render", "article.md").removesuffix("\n")

    def is_as_it_was(self) -> None:
        assert self.article.read_bytes() == DAMAGED.encode()
        assert [entry.name for entry in self.path.iterdir()] == ["article.md"]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


Place = tuple[str, int, int, int]


def characters(folder: Folder, only: Iterable[str] = ()) -> list[Place]:
    """Return code, line, first column and last of every problem with a place in one line."""
    return sorted(
        (problem["code"], problem["line"], problem["column"], problem["end_column"])
        for problem in folder.problems()
        if problem.get("end_line") == problem["line"] and (not only or problem["code"] in only)
    )


def in_bytes(places: list[Place]) -> list[Place]:
    """Return places with their columns as an editor counts them that counts bytes."""
    lines = DAMAGED.split("\n")

    def column(line: int, at: int) -> int:
        return len(lines[line - 1][: at - 1].encode()) + 1

    return [
        (code, line, column(line, start), column(line, end)) for code, line, start, end in places
    ]


def see_the_same(found: Iterable[Sequence[Any]], wanted: list[Place]) -> None:
    """Hold what an editor shows against what `check` finds; hints are for editors alone."""
    codes = {place[0] for place in wanted}
    assert {"PK101", "PK124"} <= codes
    assert sorted(tuple(place) for place in found if place[0] in codes) == sorted(wanted)


def restored(end: str) -> list[bytes]:
    """Return the article after each quick fix."""
    text, after = DAMAGED.replace("\n", end), []
    for damaged, whole in RUNS:
        assert text.count(damaged) == 1
        text = text.replace(damaged, whole)
        after.append(text.encode())
    return after


def test_the_problems_are_worth_looking_for(folder: Folder) -> None:
    places = characters(folder, {"PK101"})
    line = DAMAGED.count("\n")
    assert ("PK101", line, LAST.index("â") + 1, LAST.index("â") + 4) in places
    assert len(places) >= 16


# ---------------------------------------------------------------------------------------------
# Neovim

NVIM = """
local seen = {}
local function wait(what, is_so) assert(vim.wait(20000, is_so, 20), "waited in vain: " .. what) end
local function save()
  local file = assert(io.open(vim.env.SEEN, "w"))
  file:write(vim.json.encode(seen))
  file:close()
end
local function drive()
  vim.cmd("edit " .. vim.env.ARTICLE)
  local article = vim.api.nvim_get_current_buf()
  wait("diagnostics", function() return #vim.diagnostic.get(0) > 0 end)
  %s
  save()
end
local well, message = xpcall(drive, debug.traceback)
if not well then
  io.stderr:write(message .. "\\n")
  vim.cmd("cquit")
end
vim.cmd("qall!")
"""


def nvim(folder: Folder, script: str) -> Json:
    _, attach, commands = blocks("Neovim", "lua")
    init = folder.write("init.lua", attach, commands)
    drive = folder.write("drive.lua", NVIM % script)
    return folder.run("nvim", "--headless", "-u", init, "-i", "NONE", "-S", drive)


@needs_nvim
def test_nvim_shows_problems_where_they_are(folder: Folder) -> None:
    seen = nvim(
        folder,
        """
  seen.problems = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do
    local code = one.user_data.lsp.code
    table.insert(seen.problems, { code, one.lnum + 1, one.col + 1, one.end_col + 1 })
  end
  vim.cmd("bwipeout")
  """,
    )
    see_the_same(seen["problems"], in_bytes(characters(folder)))
    folder.is_as_it_was()


@needs_nvim
@line_ends
def test_nvim_restores_one_run_alone(tmp_path: Path, end: str) -> None:
    folder = Folder(tmp_path, DAMAGED.replace("\n", end))
    seen = nvim(
        folder,
        """
  local wanted
  vim.ui.select = function(items, options, choose)
    for _, item in ipairs(items) do
      if options.format_item(item):find("Restore `" .. wanted, 1, true) then choose(item) end
    end
  end
  seen.saved = {}
  for _, run in ipairs(vim.json.decode(vim.env.RUNS)) do
    wanted = run
    vim.fn.cursor(1, 1)
    assert(vim.fn.search(run) > 0)
    local tick = vim.b.changedtick
    vim.lsp.buf.code_action()
    wait("the fix", function() return vim.b.changedtick > tick end)
    vim.cmd("write")
    table.insert(seen.saved, vim.fn.readfile(vim.env.ARTICLE, "b"))
  end
  """,
    )
    assert ["\n".join(lines).encode() for lines in seen["saved"]] == restored(end)
    assert folder.article.read_bytes() == restored(end)[-1]


@needs_nvim
def test_nvim_shows_and_copies_the_post(folder: Folder) -> None:
    post = folder.rendered()
    folder.environment["CLIP"] = str(folder.home / "clip")
    seen = nvim(
        folder,
        """
  vim.g.clipboard = {
    name = "a file",
    copy = { ["+"] = { "tee", vim.env.CLIP }, ["*"] = { "tee", vim.env.CLIP } },
    paste = { ["+"] = { "cat", vim.env.CLIP }, ["*"] = { "cat", vim.env.CLIP } },
  }
  vim.fn.cursor(8, 1)
  vim.lsp.buf.hover()
  wait("hover", function() return #vim.api.nvim_list_wins() == 2 end)
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    local buffer = vim.api.nvim_win_get_buf(window)
    if buffer ~= article then seen.hover = vim.api.nvim_buf_get_lines(buffer, 0, -1, false) end
  end
  vim.cmd("doautocmd CursorMoved")
  wait("the end of hover", function() return #vim.api.nvim_list_wins() == 1 end)

  vim.cmd("PostkitCopy")
  local function is_copied() return vim.fn.filereadable(vim.env.CLIP) == 1 end
  wait("copy", function() return is_copied() and vim.fn.getreg("+") ~= "" end)
  seen.copied = vim.fn.getreg("+")

  for _, name in ipairs({ "preview", "changed" }) do
    vim.cmd("PostkitPreview")
    wait("preview", function() return vim.api.nvim_get_current_buf() ~= article end)
    seen[name] = vim.api.nvim_buf_get_lines(0, 0, -1, false)
    seen.kind = vim.bo.buftype
    vim.cmd("quit")
    assert(vim.api.nvim_get_current_buf() == article)
    vim.api.nvim_buf_set_text(0, 7, 0, 7, 0, { "Written just now. " })
  end

  vim.cmd("hide edit " .. vim.env.HOME .. "/other.md")
  wait("the other article", function() return #vim.lsp.buf_get_clients(0) == 1 end)
  seen.clients = #vim.lsp.get_active_clients()
  """,
    )
    assert "LinkedIn" in "\n".join(seen["hover"])
    assert "Important considerations" in "\n".join(seen["hover"])
    assert seen["copied"] == post
    assert "\n".join(seen["preview"]) == post
    assert "\n".join(seen["changed"]) == post.replace("\nImp", "\nWritten just now. Imp")
    assert seen["kind"] == "nofile"
    assert seen["clients"] == 1
    folder.is_as_it_was()


# ---------------------------------------------------------------------------------------------
# Emacs

EMACS = """
(setq make-backup-files nil auto-save-default nil create-lockfiles nil last-nonmenu-event ?a)
(defvar seen nil)
(defun see (name value) (push (cons name value) seen))
(defmacro wait-for (what &rest is-so)
  `(let ((end (+ 20 (float-time))))
     (while (not (progn ,@is-so))
       (when (> (float-time) end) (error "Waited in vain: %%s" ,what))
       (accept-process-output nil 0.02))))
(defun place (position)
  (save-excursion
    (goto-char position)
    (vector (line-number-at-pos) (1+ (- position (line-beginning-position))))))
(defun bytes ()
  (with-temp-buffer
    (set-buffer-multibyte nil)
    (insert-file-contents-literally (getenv "ARTICLE"))
    (base64-encode-string (buffer-string))))
(condition-case problem
    (progn
      %s
      (with-temp-file (getenv "SEEN") (insert (json-encode seen))))
  (error (message "%%S" problem) (kill-emacs 1)))
"""

CONNECTED = """
(find-file (getenv "ARTICLE"))
(run-hooks 'post-command-hook)  ; which Emacs does after a command, and eglot-ensure waits for
(wait-for "the server" (eglot-managed-p))
(wait-for "diagnostics" (flymake-diagnostics))
"""


def emacs(folder: Folder, recipe: str, script: str) -> Json:
    init = folder.write("init.el", "(require 'json)", "(package-initialize)", recipe)
    drive = folder.write("drive.el", EMACS % script)
    return folder.run("emacs", "--batch", "-l", init, "-l", drive)


def eglot(folder: Folder, script: str) -> Json:
    (recipe,) = blocks("Emacs", "elisp")
    return emacs(folder, recipe, f"{CONNECTED}{script}(eglot-shutdown (eglot-current-server))")


@needs_emacs
def test_emacs_shows_problems_where_they_are(folder: Folder) -> None:
    seen = eglot(
        folder,
        """
(see "mode" (symbol-name major-mode))
(see "problems"
     (vconcat (mapcar (lambda (one)
                        (vector (flymake-diagnostic-text one)
                                (place (flymake-diagnostic-beg one))
                                (place (flymake-diagnostic-end one))))
                      (flymake-diagnostics))))
(kill-buffer)
(find-file (getenv "ARTICLE"))
(run-hooks 'post-command-hook)
(wait-for "the server" (eglot-managed-p))
""",
    )
    found = [
        (*re.findall(r"PK\d{3}", text)[:1], *start, end[1]) for text, start, end in seen["problems"]
    ]
    see_the_same(found, characters(folder))
    assert seen["mode"] == "markdown-mode"
    folder.is_as_it_was()


@needs_emacs
@line_ends
def test_emacs_restores_one_run_alone(tmp_path: Path, end: str) -> None:
    folder = Folder(tmp_path, DAMAGED.replace("\n", end))
    seen = eglot(
        folder,
        """
(see "saved"
     (vconcat (mapcar
      (lambda (run)
        (goto-char (point-min))
        (search-forward run)
        (goto-char (match-beginning 0))
        (cl-letf (((symbol-function 'completing-read)
                   (lambda (_prompt actions &rest _)
                     (car (cl-find-if (lambda (action) (string-prefix-p (concat "Restore `" run)
                                                                         (car action)))
                                      actions)))))
          (call-interactively #'eglot-code-actions))
        (wait-for "the fix" (buffer-modified-p))
        (save-buffer)
        (bytes))
      (json-parse-string (getenv "RUNS")))))
""",
    )
    assert [base64.b64decode(text) for text in seen["saved"]] == restored(end)


@needs_emacs
def test_emacs_shows_and_copies_the_post(folder: Folder) -> None:
    post = folder.rendered()
    seen = eglot(
        folder,
        """
(goto-char (point-min))
(search-forward "Important considerations")
(let (shown)
  (eglot-hover-eldoc-function (lambda (text &rest _) (setq shown text)))
  (wait-for "hover" shown)
  (see "hover" (substring-no-properties shown)))
(postkit-copy)
(see "copied" (substring-no-properties (current-kill 0)))
(postkit-preview)
(see "preview" (with-current-buffer "*postkit*" (buffer-string)))
(beginning-of-line)
(insert "Written just now. ")
(postkit-preview)
(see "changed" (with-current-buffer "*postkit*" (buffer-string)))
(set-buffer-modified-p nil)
""",
    )
    assert "LinkedIn" in seen["hover"]
    assert "Important considerations" in seen["hover"]
    assert seen["copied"] == post
    assert seen["preview"] == post
    assert seen["changed"] == post.replace("\nImp", "\nWritten just now. Imp")
    folder.is_as_it_was()


@needs_emacs
def test_emacs_finds_the_places_of_a_check(folder: Folder) -> None:
    (recipe,) = blocks("Anything else", "elisp")
    (command,) = re.findall(r"`(NO_COLOR=1 postkit check [^`]+)`", PAGE)
    seen = emacs(
        folder,
        recipe,
        f"""
(cd (file-name-directory (getenv "ARTICLE")))
(let ((places nil) (going t) (buffer (compile "{command}")))
  (wait-for "the check" (not (process-live-p (get-buffer-process buffer))))
  (while going
    (condition-case nil
        (progn
          (next-error)
          (with-current-buffer (window-buffer (selected-window))
            (push (place (point)) places)))
      (user-error (setq going nil))))
  (see "places" (vconcat (nreverse places))))
""",
    )
    # it does not stop at what is no more than information
    assert seen["places"] == [
        [problem["line"], problem["column"]]
        for problem in folder.problems()
        if problem["severity"] != "info"
    ]
    folder.is_as_it_was()


# ---------------------------------------------------------------------------------------------
# Vim

VIM = """
let g:seen = {}
function! WaitFor(what, Is) abort
  let l:start = reltime()
  while !a:Is()
    if reltimefloat(reltime(l:start)) > 20
      throw 'waited in vain: ' . a:what
    endif
    sleep 20m
  endwhile
endfunction
try
  execute 'edit' $ARTICLE
%s
  call writefile([json_encode(g:seen)], $SEEN)
catch
  call writefile([v:exception, v:throwpoint], $SEEN . '.error')
  cquit
endtry
qall!
"""


def vim(folder: Folder, recipe: str, script: str) -> Json:
    vimrc = folder.write("vimrc", "set nocompatible encoding=utf-8", "filetype plugin on", recipe)
    drive = folder.write("drive.vim", VIM % script)
    quiet = ("-i", "NONE", "-n", "-T", "dumb", "--not-a-term", "-es")
    try:
        return folder.run("vim", "-Nu", vimrc, *quiet, "-S", drive)
    finally:
        error = folder.home / "seen.json.error"
        if error.exists():
            pytest.fail(error.read_text(encoding="utf-8"))


def ale(folder: Folder, script: str) -> Json:
    (recipe,) = blocks("Vim", "vim")
    attached = "call WaitFor('diagnostics', {-> !empty(getloclist(0))})\n"
    return vim(folder, recipe, attached + script)


@needs_ale
def test_vim_shows_problems_where_they_are(folder: Folder) -> None:
    seen = ale(
        folder,
        """
  let g:seen.problems = getloclist(0)
  bwipeout
  """,
    )
    # a location list names the last column itself, not the one behind it
    found = [
        (one["text"][:5], one["lnum"], one["col"], one["end_col"] + 1) for one in seen["problems"]
    ]
    see_the_same(found, in_bytes(characters(folder)))
    folder.is_as_it_was()


@needs_ale
@line_ends
def test_vim_restores_one_run_alone(tmp_path: Path, end: str) -> None:
    folder = Folder(tmp_path, DAMAGED.replace("\n", end))
    seen = ale(
        folder,
        """
  let g:seen.saved = []
  for g:run in json_decode($RUNS)
    call cursor(1, 1)
    call search(g:run)
    let g:before = b:changedtick
    call test_feedinput("1\\<CR>")
    ALECodeAction
    call WaitFor('the fix', {-> b:changedtick > g:before})
    write
    call add(g:seen.saved, readfile($ARTICLE, 'b'))
  endfor
  """,
    )
    assert ["\n".join(lines).encode() for lines in seen["saved"]] == restored(end)
    assert folder.article.read_bytes() == restored(end)[-1]


@needs_ale
def test_vim_tells_what_becomes_of_a_paragraph(folder: Folder) -> None:
    seen = ale(
        folder,
        """
  call cursor(8, 1)
  ALEHover
  call WaitFor('hover', {-> winnr('$') > 1})
  let g:seen.hover = map(range(1, winnr('$')), {_, at -> getbufline(winbufnr(at), 1, '$')})
  """,
    )
    hover = ["\n".join(lines) for lines in seen["hover"]]
    assert any("LinkedIn" in text and "Important considerations" in text for text in hover)
    folder.is_as_it_was()


@needs_vim
def test_vim_as_a_filter_renders_the_post(folder: Folder) -> None:
    typed, compiler = blocks("Anything else", "vim")
    seen = vim(
        folder,
        compiler,
        f"""
  execute {typed.strip().removeprefix(":")!r}
  let g:seen.post = getline(1, '$')
  undo
  let g:seen.again = getline(1, '$')
  set nomodified
  silent make
  let g:seen.problems = getqflist()
  """,
    )
    assert "\n".join(seen["post"]) == folder.rendered()
    assert "\n".join([*seen["again"], ""]) == DAMAGED
    assert [(one["lnum"], one["col"], one["nr"], one["type"]) for one in seen["problems"]] == [
        (one["line"], one["column"], int(one["code"][2:]), one["severity"][0])
        for one in folder.problems()
    ]
    folder.is_as_it_was()
