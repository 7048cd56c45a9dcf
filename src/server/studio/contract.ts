/** All calls of the studio's API by name. Server and web application are both typed by this one list. */
import type { z } from "zod";
import { askCalls } from "./ask/contract.ts";
import { certaindexCalls } from "./certaindex/contract.ts";
import { claimCalls } from "./claims/contract.ts";
import { codeeloCalls } from "./codeelo/contract.ts";
import { huatuoCalls } from "./huatuo/contract.ts";
import { lightningditCalls } from "./lightningdit/contract.ts";
import { overthinkingCalls } from "./overthinking/contract.ts";
import { runCalls } from "./runs/contract.ts";

export const contract = {
  ...runCalls,
  ...claimCalls,
  ...overthinkingCalls,
  ...codeeloCalls,
  ...huatuoCalls,
  ...certaindexCalls,
  ...lightningditCalls,
  ...askCalls,
};

export type Contract = typeof contract;
export type CallName = keyof Contract;
/** What the application sends; fields with a default may be left out. */
export type CallInput<Name extends CallName> = z.input<Contract[Name]["input"]>;
export type CallReply<Name extends CallName> = NonNullable<Contract[Name]["reply"]>;

/** The server's side of every call. */
export type Handlers<Names extends CallName = CallName> = {
  [Name in Names]: (
    input: z.output<Contract[Name]["input"]>,
    signal: AbortSignal,
  ) => CallReply<Name> | Promise<CallReply<Name>>;
};
