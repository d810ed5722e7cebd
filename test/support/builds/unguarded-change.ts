import { sleep, type WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** A change that must not be made like this: open workflows have no such timer in their histories. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      async scheduleActivity(input, next) {
        await sleep('5 ms');
        return next(input);
      },
    },
  ],
});
