export { bullCarrier } from './bull.ts';
export { type Carrier, Courier } from './courier.ts';
export { type Daily, daily, nextAfter } from './daily.ts';
export { CreateJobs1764000000004, Job, type JobState } from './job.ts';
export { type Done, enter, type JobKind, Jobs, type NewJob } from './jobs.ts';
