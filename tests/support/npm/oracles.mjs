// Other readers of commit messages: a JSON array of messages on stdin, a JSON array of what each of them reads on stdout.
// node gets this file as --input-type=module --eval, so that the packages are found from its working directory.
import { readFileSync, writeFileSync } from "node:fs";

import conventional from "@commitlint/config-conventional";
import lint from "@commitlint/lint";
import strict from "@conventional-commits/parser";
import preset from "conventional-changelog-conventionalcommits";
import { CommitParser } from "conventional-commits-parser";

const parserOpts = (await preset()).parser;
const changelog = new CommitParser(parserOpts);
const footersOnly = new CommitParser({ ...parserOpts, breakingHeaderPattern: undefined });

function changelogReading(message) {
  const header = message.split("\n")[0];
  if (!header.trim()) {
    return null;
  }
  const commit = changelog.parse(message);
  return {
    type: commit.type ?? null,
    scope: commit.scope ?? null,
    mark: changelog.parse(header).notes.length > 0, // alone, a header has no other notes
    description: commit.subject ?? null,
    breaking: footersOnly.parse(message).notes.map((note) => note.text),
    body: commit.body ?? "",
    hasFooter: commit.footer !== null,
  };
}

function strictReading(message) {
  try {
    return fromTree(strict.parser(message), message.trim());
  } catch (error) {
    return { refused: error.message };
  }
}

function fromTree(tree, text) {
  const source = (node) => text.slice(node.position.start.offset, node.position.end.offset);
  const child = (node, type) => node.children.find((candidate) => candidate.type === type);
  const value = (node, type) => child(node, type)?.value ?? null;
  const summary = child(tree, "summary");
  const body = child(tree, "body");
  const footers = tree.children.filter((node) => node.type === "footer");
  const start = body?.children.findIndex((node) => node.type === "breaking-change") ?? -1;
  return {
    type: value(summary, "type"),
    scope: value(summary, "scope"),
    mark: child(summary, "breaking-change") !== undefined,
    description: value(summary, "text"),
    breaking: [
      ...(start < 0 ? [] : [body.children.slice(start + 2).map(source).join("").trim()]),
      ...footers
        .filter((footer) => child(child(footer, "token"), "breaking-change"))
        .map((footer) => source(child(footer, "value"))),
    ],
    body: body ? source(body) : "",
    footers: footers.map((footer) => [
      // a token's position has no end
      text.slice(footer.position.start.offset, child(footer, "separator").position.start.offset),
      value(footer, "separator"),
      source(child(footer, "value")),
    ]),
  };
}

async function brokenRules(message) {
  // without the ignores: commitlint passes over whatever begins with "Revert", "revert" or "fixup!"
  const report = await lint(message, conventional.rules, { defaultIgnores: false, parserOpts });
  return [...report.errors, ...report.warnings].map((problem) => problem.name).sort();
}

const readings = [];
for (const message of JSON.parse(readFileSync(0, "utf8"))) {
  readings.push({
    changelog: changelogReading(message),
    strict: strictReading(message),
    strictHeader: strictReading(message.split("\n")[0]),
    commitlint: message.trim() ? await brokenRules(message) : ["type-empty"],
  });
}
writeFileSync(1, JSON.stringify(readings));
