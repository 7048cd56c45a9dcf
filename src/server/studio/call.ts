/**
 * A call of the studio's API as data: a schema for what is asked, a type for what comes back.
 * Calls go over the wire as `POST /api/<name>` with the question as JSON. The web application imports the types alone.
 */
import type { z } from "zod";

export interface CallOf<Input extends z.ZodType, Reply> {
  readonly input: Input;
  /** Exists for the type checker only. */
  readonly reply?: Reply;
}

/** `call(Schema).returns<Reply>()`. */
export const call = <Input extends z.ZodType>(input: Input) => ({
  returns: <Reply>(): CallOf<Input, Reply> => ({ input }),
});

/** How an error travels: what failed, what to do, and the code of docs/errors.md. */
export interface ErrorReply {
  error: { code: string; message: string; hint?: string };
}
