import { patched, sleep, type WorkflowInterceptorsFactory } from '@temporalio/workflow';

export const CHANGE = 'pause-before-a-call';

/** The same change as it has to be made: what happened before it goes on as it was. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      async scheduleActivity(input, next) {
        if (patched(CHANGE)) await sleep('5 ms');
        return next(input);
      },
    },
  ],
});
