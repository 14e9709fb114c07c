import assert from "node:assert/strict";
import { test } from "node:test";

import { count, isCondensed, isTooLong, type Post, remark } from "../src/model";
import { endedAtOnce } from "../src/trouble";

function post(value: number, whole = value, limit: number | null = 3000): Post {
  return {
    network: "linkedin",
    title: "LinkedIn",
    length: { value, limit, unit: "utf-16" },
    whole,
    text: "",
    places: [],
    fold_at: null,
    first_comment: null,
    media: [],
    hashtags: [],
    left_out: [],
  };
}

test("the count", () => {
  assert.equal(count(post(2848)), "2,848 / 3,000");
  assert.equal(count(post(2848, 2848, null)), "2,848");
});

test("fits, condensed, too long", () => {
  const rows = [post(2848), post(2990, 4120), post(3001)];
  assert.deepEqual(rows.map(isCondensed), [false, true, false]);
  assert.deepEqual(rows.map(isTooLong), [false, false, true]);
  assert.deepEqual(rows.map(remark), [
    "",
    "condensed from 4,120 characters",
    "1 characters too long",
  ]);
});

test("what the server says before it ends is passed on", () => {
  const said = "error: postkit lsp needs pygls\nhint: pipx inject postkit-social pygls\n";
  assert.deepEqual(endedAtOnce("postkit", 4, said), {
    message: "postkit lsp needs pygls.",
    hint: "pipx inject postkit-social pygls.",
    install: true,
  });
});

test("an old postkit has no such command", () => {
  const said = "Usage: postkit [OPTIONS] COMMAND\n\nError: No such command 'lsp'.\n";
  const { message } = endedAtOnce("/usr/bin/postkit", 2, said);
  assert.equal(message, "/usr/bin/postkit lsp ended at once (2): No such command 'lsp'.");
});
