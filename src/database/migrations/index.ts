import type { Migration } from '../migrate.js';
import { tallyState } from './0001-tally-state.js';
import { countAgain } from './0002-count-again.js';
import { dossierTallies } from './0003-dossier-tallies.js';
import { draftPlaces } from './0004-draft-places.js';
import { provinceTallies } from './0005-province-tallies.js';
import { dossierSums } from './0006-dossier-sums.js';

/** In order of their numbers; one that was released is never edited. */
export const migrations: readonly Migration[] = [
  tallyState,
  countAgain,
  dossierTallies,
  draftPlaces,
  provinceTallies,
  dossierSums,
];
