module.exports = { LIST_ID: 7, TASK_QUEUE: 'straightforward' };
