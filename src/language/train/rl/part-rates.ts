/** An optimizer that gives each part of the parameters a learning rate of its own: a value net learns faster than a policy. */
import type { ArrayTree, Optimizer, OptimizerState } from "../../../compute/optim/optimizer.ts";

type Parts<Value> = { [part: string]: Value };

/** @param factors of the learning rate, for every part there may be: the top level of the parameter tree */
export function withPartRates(optimizer: Optimizer, factors: Parts<number>): Optimizer {
  return {
    name: optimizer.name,
    init: optimizer.init,
    scalars: (step, lr) =>
      Object.fromEntries(
        Object.entries(factors).flatMap(([part, factor]) =>
          Object.entries(optimizer.scalars(step, lr * factor)).map(([name, value]) => [`${part}.${name}`, value]),
        ),
      ),
    update({ params, grads, state, scalars }) {
      const updated: Parts<ArrayTree> = {};
      const states: Parts<Parts<ArrayTree>> = {};
      for (const part of Object.keys(params)) {
        const own = (tree: unknown) => (tree as Parts<ArrayTree>)[part]!;
        const result = optimizer.update({
          params: own(params),
          grads: own(grads),
          state: mapEntries(state, (name, moment) => [name, own(moment)]) as OptimizerState<never>,
          scalars: mapEntries(optimizer.scalars(1, 0), (name) => [name, scalars[`${part}.${name}`]!.ref]),
        });
        updated[part] = result.params;
        for (const [moment, tree] of Object.entries(result.state)) states[moment] = { ...states[moment], [part]: tree };
      }
      for (const scalar of Object.values(scalars)) scalar.dispose();
      return { params: updated, state: states };
    },
  };
}

function mapEntries<A, B>(record: Parts<A>, fn: (name: string, value: A) => [string, B]): Parts<B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => fn(name, value)));
}
