/** Where the present instant comes from; tests inject their own. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
