/**
 * The floors: a folder imports only from floors below its own, folders of one floor do not import each other,
 * and systems never import each other. Type-only imports count. test/floors.test.ts breaks every rule once.
 */
const floors = [
  ["core"],
  ["compute", "media", "endpoint", "jobs", "sandbox", "browser"],
  ["language", "vision", "diffusion"],
  ["systems"],
  ["cli", "server"],
];
/** `polymath serve`, the proxy and the submission service start their servers, each by its door; nothing else passes between the two. */
const doors = { cli: "^src/server/((certaindex|codeelo|studio)/)?index\\.ts$" };
const tests = "\\.(test|fixtures?)\\.ts$"; // and what only they use

const climbing = floors.flatMap((folders, level) =>
  folders.map((folder) => ({
    name: `floor-${folder}`,
    comment: `${folder}/ stands on floor ${level}: it imports only from ${floors.slice(0, level).flat().join(", ") || "nothing"}`,
    severity: "error",
    from: { path: `^src/${folder}/` },
    to: {
      path: [`^src/(${floors.slice(level).flat().join("|")})/`, "^src/[^/]+\\.ts$"],
      pathNot: [`^src/${folder}/`, doors[folder]].filter(Boolean),
    },
  })),
);

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...climbing,
    {
      name: "systems-apart",
      comment: "What two systems need moves down a floor",
      severity: "error",
      from: { path: "^src/systems/([^/]+)/" },
      to: { path: "^src/systems/", pathNot: "^src/systems/$1/" },
    },
    {
      name: "system-by-its-door",
      comment: "From outside, a system is its index.ts (and its command.ts, loaded only when the command runs)",
      severity: "error",
      from: { path: "^src/(cli|server|[^/]+\\.ts)" },
      to: { path: "^src/systems/[^/]+/", pathNot: "^src/systems/[^/]+/(index|command)\\.ts$" },
    },
    {
      name: "no-test-helpers",
      comment: "Only tests and fixtures import from test/, from tests and from fixtures",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: { path: ["^test/", tests] },
    },
    {
      name: "no-cycles",
      comment: "Files that need each other at run time are one file or three",
      severity: "error",
      from: { path: "^src/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-dev-packages",
      comment: "The published package has no devDependencies",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm-peer"] },
    },
    {
      name: "no-unresolvable",
      comment: "The import points nowhere",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    parser: "swc", // reads type-only imports too; TypeScript 7 has no parser that dependency-cruiser could use
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".js", ".mjs", ".json"],
    },
  },
};
