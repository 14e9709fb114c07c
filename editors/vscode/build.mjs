// Bundles the extension and its page into dist/, or with --tests the tests into build/.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const shared = { bundle: true, logLevel: "warning", target: "es2022", legalComments: "none" };

if (process.argv.includes("--tests")) {
  const tests = (await readdir("test")).map((name) => `test/${name}`);
  await build({ ...shared, entryPoints: tests, outdir: "build", platform: "node", format: "cjs" });
} else {
  const extension = await build({
    ...shared,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    platform: "node",
    format: "cjs",
    external: ["vscode"],
    minify: true,
    metafile: true,
  });
  await build({ ...shared, entryPoints: ["src/view/main.ts"], outfile: "dist/view.js", minify: true });
  await build({ ...shared, entryPoints: ["src/view/view.css"], outfile: "dist/view.css" });
  await writeFile("dist/THIRD-PARTY.txt", await licences(Object.keys(extension.metafile.inputs)));
}

/** The licences of what is in the bundle: they ask to go with it. */
async function licences(inputs) {
  const packages = new Set(
    inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean),
  );
  const texts = [];
  for (const folder of [...packages].sort()) {
    const { name, version } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) {
      throw new Error(`${name} has no licence file`);
    }
    texts.push(`${name} ${version}\n\n${await readFile(`${folder}/${file}`, "utf8")}`);
  }
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
