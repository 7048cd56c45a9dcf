import { expect, suite, test } from "vitest";
import { fakeEndpoint } from "../../../endpoint/fake-endpoint.fixtures.ts";
import { clusterByEndpoint, parseClusters } from "./endpoint.ts";
import { clusterLocally } from "./local.ts";

suite("parseClusters", () => {
  test.each([
    [
      "the form",
      "cluster1\t[Solution 1, Solution 3]\tadding\ncluster2\t[Solution 2]\tcounting",
      ["1", "2", "1"],
      undefined,
    ],
    [
      "blanks for tabs, Markdown around it",
      "- **cluster 1** [Solution 1, 3] adding\n- cluster2 [2]",
      ["1", "2", "1"],
      undefined,
    ],
    [
      "a model that thinks first",
      "<think>cluster9\t[Solution 1]</think>cluster1\t[Solution 1, 2, 3]",
      ["1", "1", "1"],
      undefined,
    ],
    ["a solution left out", "cluster1\t[Solution 1, Solution 3]", ["1", null, "1"], "Solution 2 stands in no cluster"],
    [
      "a solution in two",
      "cluster1\t[Solution 1, 2]\ncluster2\t[Solution 2, 3]",
      ["1", null, "2"],
      "Solution 2 stands in several clusters",
    ],
    ["one that does not exist", "cluster1\t[Solution 1, 2, 3, 4]", ["1", "1", "1"], "there is no Solution 4"],
    ["nothing", "I cannot tell.", [null, null, null], "Solution 1, 2, 3 stands in no cluster"],
  ])("%s", (_, text, strategies, problem) => {
    expect(parseClusters(text, 3)).toEqual(problem === undefined ? { strategies } : { strategies, problem });
  });
});

suite("clusterByEndpoint", () => {
  const trace = { problem: "How much?", solutions: ["a", "b", "c"] };

  test("asks once, and once more with what is wrong", async () => {
    const endpoint = fakeEndpoint((count) =>
      count === 1 ? "cluster1\t[Solution 1]" : "cluster1\t[Solution 1, 2]\ncluster2\t[Solution 3]",
    );
    expect(await clusterByEndpoint(trace, endpoint)).toEqual({ strategies: ["1", "1", "2"], flags: [] });
    const { messages } = endpoint.calls[1]!.request as unknown as { messages: { content: string }[] };
    expect(messages.at(-1)!.content).toContain("Solution 2, 3 stands in no cluster");
  });

  test("what is still in no cluster is unknown, and the fuller of two replies counts", async () => {
    const endpoint = fakeEndpoint((count) => (count === 1 ? "cluster1\t[Solution 1, 2]" : "sorry"));
    expect(await clusterByEndpoint(trace, endpoint)).toEqual({
      strategies: ["1", "1", null],
      flags: ["cluster_parse_error"],
    });
  });

  test("one solution needs no model", async () => {
    const endpoint = fakeEndpoint();
    expect(await clusterByEndpoint({ problem: "q", solutions: ["a"] }, endpoint)).toEqual({
      strategies: ["1"],
      flags: [],
    });
    expect(endpoint.calls).toHaveLength(0);
  });
});

suite("clusterLocally", () => {
  test("the same words with other numbers are the same strategy; words of the problem tell nothing", () => {
    const problem = "How many eggs do the ducks lay?";
    const names = clusterLocally(
      [
        "Add the eggs of the first duck to those of the others: 3 + 4 = 7 eggs.",
        "Count the ducks' eggs on my fingers, one at a time, until none is left: 7 eggs.",
        "Add the eggs of the first duck to those of the others: 13 + 14 = 27 eggs.",
      ],
      { problem },
    );
    expect(names).toEqual(["0", "1", "0"]);
  });

  test("empty texts are strategies of their own, and any text has a name", () => {
    expect(clusterLocally(["", "", "1 + 1", "∑"])).toHaveLength(4);
    expect(clusterLocally([])).toEqual([]);
  });
});
