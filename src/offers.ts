/**
 * What of the dialogs is on offer in this installation: an option that leads to something not set up here is not
 * shown. The dialogs themselves are whole, and are explored whole.
 */
import type { Dialog, Dialogs, Option, Step } from './dialog/definition.js';

/** Actions that an installation may go without; whatever leads straight to one is offered only where it can be done. */
const OPTIONAL: readonly string[] = ['identity.begin-franceconnect'];

/** The same dialogs without the options that lead to optional actions beyond `offered`. */
export function onOffer(dialogs: Dialogs, offered: readonly string[]): Dialogs {
  const missing = OPTIONAL.filter((action) => !offered.includes(action));
  return missing.length === 0 ? dialogs : new Map([...dialogs].map(([id, dialog]) => [id, without(dialog, missing)]));
}

function without(dialog: Dialog, missing: readonly string[]): Dialog {
  const leads = ({ next }: Option): boolean => {
    const step = dialog.steps.get(next);
    return step?.kind === 'do' && missing.includes(step.action);
  };
  const steps = [...dialog.steps].map(([id, step]): [string, Step] => {
    if (!('options' in step) || !step.options.some(leads)) return [id, step];
    return [id, { ...step, options: step.options.filter((option) => !leads(option)) }];
  });
  return { ...dialog, steps: new Map(steps) };
}
