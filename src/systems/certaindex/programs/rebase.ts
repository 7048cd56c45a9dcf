/**
 * Rebase (reward-balanced search): a tree whose width is shared out, at each depth, by the rewards of the nodes.
 * Knob: leaves; a grant of W units is one tree of width W, whose leaves join those of earlier trees. The answer has
 * the most reward; certaindex: largest reward, agreement. Source: Wu et al. 2024, arXiv 2408.00724, section 3.2.
 * Differs from it in the rounding of W_i = B exp(r_i / T_b) / sum_j exp(r_j / T_b): the largest remainders are rounded
 * up, so that the W_i add up to B and a tree has W leaves, no more and no fewer.
 */
import { addCost, type Cost, noCost, type Path, type Program, type ProgramContext } from "./program.ts";
import { defaultStep, endOfStep, type StepSettings, stepCall } from "./tree.ts";
import { countVotes, entropySignal, type Votes } from "./votes.ts";

export interface RebaseSettings extends StepSettings {
  /** T_b: the smaller, the more goes to the best nodes; default 0.2. */
  temperature?: number;
}

export interface RebaseState {
  paths: readonly Path[];
  votes: Votes;
}

export function rebase(settings: RebaseSettings = defaultStep): Program<RebaseState> {
  return {
    name: "rebase",
    updateCertaindex: ({ paths, votes }) => ({
      ...entropySignal(votes),
      rewardMax: Math.max(...paths.map(({ reward = 0 }) => reward)),
    }),
    async execute(context) {
      const paths: Path[] = [];
      for (let units = await context.grant(); units > 0; units = await context.grant()) {
        for (const { path, cost } of await growTree(context, units, settings)) {
          if (path) paths.push(path);
          const votes = await countVotes(paths, context, ({ reward = 0 }) => reward);
          await context.report({ paths, votes }, { spent: [{ cost }], answer: votes.answer, votes: votes.sizes });
        }
      }
    },
  };
}

interface Node {
  label: string;
  path: Path;
  parent: Node | undefined;
  isCharged: boolean;
}

interface Leaf {
  /** Null: its last step failed. */
  path: Path | null;
  /** Of the nodes on its way that no earlier leaf has paid for. */
  cost: Cost;
}

/** @returns `width` leaves, in the order of depth and index */
async function growTree(
  context: ProgramContext<RebaseState>,
  width: number,
  settings: RebaseSettings,
): Promise<Leaf[]> {
  const { temperature = 0.2, maxDepth = 32 } = settings;
  const leaves: { node: Node | undefined; isLost: boolean }[] = [];
  const nodes: Node[] = [];
  let frontier: { node: Node | undefined; label: string; width: number }[] = [
    { node: undefined, label: `tree ${context.steps.length}`, width },
  ];
  for (let depth = 1; frontier.length > 0; depth++) {
    const children = frontier.flatMap(({ node, label, width: count }) =>
      Array.from({ length: count }, (_, index) => ({ parent: node, label: `${label}.${index}` })),
    );
    const prefixOf = (parent: Node | undefined) => parent?.path.text ?? "";
    const grown = await context.generateAll(
      children.map(({ parent, label }) => stepCall(label, prefixOf(parent), settings)),
    );
    const ended = grown.map((path, index) => path && endOfStep(path, settings, prefixOf(children[index]!.parent)));
    const judged = await context.reward(ended.flatMap((end) => (end ? [end.path] : [])));
    const open: Node[] = [];
    let next = 0;
    for (const [index, end] of ended.entries()) {
      const { parent, label } = children[index]!;
      if (!end) {
        leaves.push({ node: parent, isLost: true });
        continue;
      }
      const node: Node = { label, path: judged[next++]!, parent, isCharged: false };
      nodes.push(node);
      if (end.isFinished || depth >= maxDepth) leaves.push({ node, isLost: false });
      else open.push(node);
    }
    const shares = shareWidth(
      width - leaves.length,
      open.map(({ path }) => path.reward ?? 0),
      temperature,
    );
    frontier = open
      .map((node, index) => ({ node, label: node.label, width: shares[index]! }))
      .filter((one) => one.width > 0);
  }
  return charge(leaves, nodes);
}

/** @returns how many children each node gets; they add up to `width`, unless there is no node */
export function shareWidth(width: number, rewards: readonly number[], temperature: number): number[] {
  if (rewards.length === 0) return [];
  const highest = Math.max(...rewards);
  const weights = rewards.map((reward) => Math.exp((reward - highest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const exact = weights.map((weight) => (width * weight) / total);
  const shares = exact.map(Math.floor);
  const left = width - shares.reduce((sum, share) => sum + share, 0);
  const byRemainder = exact
    .map((_, index) => index)
    .sort((a, b) => exact[b]! - shares[b]! - (exact[a]! - shares[a]!) || a - b);
  for (const index of byRemainder.slice(0, left)) shares[index]!++;
  return shares;
}

/** Each node is paid for by the first leaf below it; the last leaf pays for branches that were given up. */
function charge(leaves: readonly { node: Node | undefined; isLost: boolean }[], nodes: readonly Node[]): Leaf[] {
  const charged = leaves.map(({ node, isLost }) => {
    let cost: Cost = noCost;
    for (let at = node; at && !at.isCharged; at = at.parent) {
      at.isCharged = true;
      cost = addCost(cost, at.path.cost);
    }
    return { path: isLost ? null : node!.path, cost };
  });
  const rest = nodes.filter(({ isCharged }) => !isCharged).reduce((sum, { path }) => addCost(sum, path.cost), noCost);
  const last = charged.at(-1);
  if (last) last.cost = addCost(last.cost, rest);
  return charged;
}
