import type { Command } from './command.js';
import { counted } from './text.js';

const retention: Command = {
  summary: 'remove comments and marks of rated dossiers that were kept long enough; a server does so every day',
  options: {
    'dry-run': { type: 'boolean', about: 'only say what would be removed' },
  },
  async run({ open }, args) {
    const dryRun = args.flag('dry-run');
    const { retention: service } = await open();
    const expired = dryRun ? await service.due() : await service.apply();
    const { comments, commentsBefore, dossiers, dossiersBefore } = expired;
    const what = [
      `${counted(comments, 'comment')} of responses from before ${commentsBefore}`,
      `${counted(dossiers, 'mark')} of dossiers rated before ${dossiersBefore}`,
    ].join(' and ');
    return {
      data: { dryRun, rules: service.rules, ...expired },
      text: dryRun ? `Would remove ${what}.` : `Removed ${what}. Answers and tallies are as they were.`,
    };
  },
};

export const retentionCommands = { retention };
