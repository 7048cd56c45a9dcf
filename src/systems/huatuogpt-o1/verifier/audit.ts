/**
 * A sheet on which people say what a verifier should have said, and what comes of it. The verifier's own word is not on
 * the sheet: it would sway whoever fills it in.
 * Source: spec section 3, figure 4: the paper had 200 responses labelled by hand for each stage.
 */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import { readRows, writeRows } from "../../../core/rows.ts";
import { clopperPearson, type Interval } from "../../../core/statistics/index.ts";

export const AuditRow = z.object({
  id: z.string(),
  response: z.string(),
  reference: z.string(),
  /** Left empty for a person: yes, no, or nothing where the person cannot say. */
  is_right: z.string(),
});
export type AuditRow = z.output<typeof AuditRow>;

export interface AuditItem {
  response: string;
  reference: string;
}

/** Numbers of the rows to be looked at, drawn without order; the same for the same seed. */
export function drawSheet<Item extends AuditItem>(items: readonly Item[], count: number, seed: number) {
  const numbers = new Random(seed).split("audit").shuffle(items.map((_, index) => index));
  return numbers.slice(0, count).map((index) => ({ id: String(index + 1), ...items[index]!, is_right: "" }));
}

const Item = z.object({ response: z.string().trim().min(1), reference: z.string().trim().min(1) });

/** Pairs of which nobody has said yet whether they are right. @throws DataError naming file, row and field */
export async function readItems(file: string): Promise<AuditItem[]> {
  const items: AuditItem[] = [];
  for await (const { response, reference } of readRows(file, Item)) items.push({ response, reference });
  if (items.length === 0) throw new DataError(`${file}: there are no rows`);
  return items;
}

export const writeSheet = (file: string, rows: readonly AuditRow[]): Promise<number> => writeRows(file, rows, AuditRow);

export interface Audit {
  labelled: number;
  /** Rows left empty. */
  unlabelled: number;
  agreement: Interval;
  /** Agreement beyond what chance gives with the same shares (Cohen 1960); null where chance is always right. */
  kappa: number | null;
  /** Verifier says right, person says wrong; and the reverse. */
  wronglyTaken: AuditRow[];
  wronglyRefused: AuditRow[];
}

const words: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(["yes", "y", "true", "1", "right"].map((word) => [word, true])),
  ...Object.fromEntries(["no", "n", "false", "0", "wrong"].map((word) => [word, false])),
};

/**
 * Reads a sheet that was filled in.
 * @throws DataError naming file, row and field for a word that is neither; where nothing was filled in
 */
export async function readSheet(file: string): Promise<{ row: AuditRow; isRight: boolean | null }[]> {
  const read: { row: AuditRow; isRight: boolean | null }[] = [];
  for await (const row of readRows(file, AuditRow)) {
    const word = row.is_right.trim().toLowerCase();
    const isRight = word === "" ? null : words[word];
    if (isRight === undefined) {
      throw new DataError(`${file} row ${read.length + 1}: is_right: expected yes or no, got "${row.is_right}"`, {
        hint: "Leave it empty where you cannot say.",
      });
    }
    read.push({ row, isRight });
  }
  if (read.some(({ isRight }) => isRight !== null)) return read;
  throw new DataError(`${file}: no row is filled in`, { hint: "Write yes or no in the column is_right." });
}

/** @param verdicts the verifier's, in the order of the sheet; one that is neither counts as a refusal */
export function audit(
  sheet: readonly { row: AuditRow; isRight: boolean | null }[],
  verdicts: readonly (boolean | null)[],
): Audit {
  const both = sheet
    .map(({ row, isRight }, index) => ({ row, isRight, verdict: verdicts[index] === true }))
    .filter((one): one is { row: AuditRow; isRight: boolean; verdict: boolean } => one.isRight !== null);
  const count = both.length;
  const same = both.filter(({ isRight, verdict }) => isRight === verdict).length;
  const share = (of: (one: (typeof both)[number]) => boolean) => both.filter(of).length / count;
  const [byPerson, byVerifier] = [share(({ isRight }) => isRight), share(({ verdict }) => verdict)];
  const chance = byPerson * byVerifier + (1 - byPerson) * (1 - byVerifier);
  const rowsWhere = (verdict: boolean) =>
    both.filter((one) => one.verdict === verdict && one.isRight !== verdict).map(({ row }) => row);
  return {
    labelled: count,
    unlabelled: sheet.length - count,
    agreement: clopperPearson(same, count),
    kappa: chance === 1 ? null : (same / count - chance) / (1 - chance),
    wronglyTaken: rowsWhere(true),
    wronglyRefused: rowsWhere(false),
  };
}
