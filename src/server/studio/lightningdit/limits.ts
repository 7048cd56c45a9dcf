/** What a drawing may ask for, at most; the page's fields end there, too. */

/** One each for the first seed and those after it. */
export const mostPictures = 12;
export const mostSteps = 250;
export const mostSeed = 2 ** 31;
export const mostGuidance = 20;
