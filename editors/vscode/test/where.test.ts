import assert from "node:assert/strict";
import { test } from "node:test";

import { findServer, type Surroundings } from "../src/where";

function around(files: string[], more: Partial<Surroundings> = {}): Surroundings {
  return {
    configured: "",
    trusted: [],
    home: "/home/ann",
    path: "/usr/bin:/home/ann/.local/bin",
    platform: "linux",
    isFile: (path) => files.includes(path),
    ...more,
  };
}

test("the one on PATH", () => {
  const files = ["/home/ann/.local/bin/postkit"];
  assert.deepEqual(findServer(around(files)), { command: files[0] });
});

test("that of a trusted folder goes before", () => {
  const files = ["/home/ann/.local/bin/postkit", "/site/.venv/bin/postkit"];
  assert.deepEqual(findServer(around(files, { trusted: ["/site"] })), { command: files[1] });
  assert.deepEqual(findServer(around(files)), { command: files[0] });
});

test("the setting goes before all, and is never passed over in silence", () => {
  const files = ["/home/ann/.local/bin/postkit", "/opt/postkit"];
  assert.deepEqual(findServer(around(files, { configured: "/opt/postkit" })), { command: files[1] });
  const found = findServer(around(files, { configured: "/opt/other" }));
  assert.ok("missing" in found && found.missing.includes("/opt/other"));
});

test("the setting may start at home, or in a trusted folder", () => {
  const files = ["/home/ann/venv/bin/postkit", "/site/venv/bin/postkit"];
  assert.deepEqual(findServer(around(files, { configured: "~/venv/bin/postkit" })), {
    command: files[0],
  });
  const relative = { configured: "venv/bin/postkit" };
  assert.deepEqual(findServer(around(files, { ...relative, trusted: ["/site"] })), {
    command: files[1],
  });
  assert.ok("missing" in findServer(around(files, relative)));
});

test("a relative folder on PATH is passed over", () => {
  assert.ok("missing" in findServer(around(["postkit", "./postkit"], { path: ".::" })));
});

test("Windows", () => {
  const windows = { platform: "win32", path: String.raw`C:\bin;C:\py\Scripts` } as const;
  const installed = String.raw`C:\py\Scripts\postkit.exe`;
  const venv = String.raw`C:\work\.venv\Scripts\postkit.exe`;
  assert.deepEqual(findServer(around([installed], windows)), { command: installed });
  assert.deepEqual(
    findServer(around([installed, venv], { ...windows, trusted: [String.raw`C:\work`] })),
    { command: venv },
  );
});
