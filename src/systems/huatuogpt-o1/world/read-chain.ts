/** Where a chain of Clinic stands, read from its sentences. */
import type { ConditionId, FindingId } from "./clinic.ts";
import { conditions, findings } from "./names.ts";

/** The last candidate of a chain, where it came from, and what was concluded from it. */
export interface Line {
  lead: FindingId;
  candidate: ConditionId;
  /** All candidates so far, the last included. */
  tried: ReadonlySet<ConditionId>;
  /** The last candidate that came from the complaint itself. */
  ofComplaint: { lead: FindingId; candidate: ConditionId };
  /** The condition that was taken for the complication; absent over one hop. */
  complication?: ConditionId;
  /** The condition whose fact was told, and the fact. */
  subject?: ConditionId;
  name?: string;
}

const sentence =
  /(\w+) makes me think of (\w+)\.|Next for (\w+) after \w+ is (\w+)\.|The complication of (\w+) is (\w+)\.|The (\w+) of (\w+) is ([^.\n]+)\./g;

const finding = (name: string) => findings.indexOf(name as (typeof findings)[number]);

/** @param text sentences of a chain, in order; the first must bring up a condition */
export function readChain(text: string): Line {
  const tried = new Set<ConditionId>();
  let complaint: FindingId | undefined;
  let line: Omit<Line, "tried" | "ofComplaint"> = { lead: -1, candidate: -1 };
  let ofComplaint = { lead: -1, candidate: -1 };
  for (const [, by, first, forFinding, next, , complication, , subject, name] of text.matchAll(sentence)) {
    const lead = by ?? forFinding;
    if (lead !== undefined) {
      const candidate = conditions.indexOf((first ?? next)!);
      line = { lead: finding(lead), candidate };
      complaint ??= line.lead;
      if (line.lead === complaint) ofComplaint = { lead: line.lead, candidate };
      tried.add(candidate);
    } else if (complication !== undefined) line = { ...line, complication: conditions.indexOf(complication) };
    else line = { ...line, subject: conditions.indexOf(subject!), name: name! };
  }
  return { ...line, tried, ofComplaint };
}
