/** A first look at a command's file: how many rows there are, and whether they are medical. */
import { DataError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { looksMedical, medicalNotice } from "../medical-notice.ts";
import { numberedRows } from "../pipelines/rows.ts";

export interface Look {
  total: number;
  isMedical: boolean;
}

const sampleSize = 200;

/** Prints the notice where it is due. @throws DataError for a file without rows */
export async function lookAt(file: string, log: Log, limit?: number): Promise<Look> {
  const texts: string[] = [];
  let total = 0;
  for await (const { row } of numberedRows(file, limit)) {
    total++;
    if (texts.length < sampleSize) texts.push(JSON.stringify(row));
  }
  if (total === 0) throw new DataError(`${file}: there are no rows`);
  const isMedical = looksMedical(texts);
  if (isMedical) log.warn(medicalNotice);
  return { total, isMedical };
}
