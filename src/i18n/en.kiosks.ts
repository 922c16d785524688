import type { viKiosks } from './vi.kiosks.js';

/** English of the staff's pages about kiosks. */
export const enKiosks: Readonly<Record<keyof typeof viKiosks, string>> = {
  'kiosks.title': 'Kiosks',
  'kiosks.none': 'There are no kiosks yet.',
  'kiosks.code': 'Code',
  'kiosks.centre': 'Centre',
  'kiosks.counter': 'Counter',
  'kiosks.counterHint': 'Optional.',
  'kiosks.questionnaire': 'Questionnaire',
  'kiosks.condition': 'Condition',
  'kiosks.condition.waiting': 'No device yet',
  'kiosks.condition.paused': 'Paused',
  'kiosks.condition.silent': 'Silent in opening hours',
  'kiosks.condition.well': 'Well',
  'kiosks.lastSeen': 'Last seen',
  'kiosks.queued': 'Waiting answers',
  'kiosks.oldest': 'Oldest answer',
  'kiosks.setAside': 'Refused answers',
  'kiosks.version': 'Version',
  'kiosks.battery': 'Battery',
  'kiosks.add': 'Add a kiosk',
  'kiosks.addSubmit': 'Add',
  'kiosks.back': 'Back to the list',
  'kiosks.pairing': 'Pairing',
  'kiosks.pairingHelp':
    'On the device open {url} and enter this code, or scan the QR code. The device paired before is signed out as soon as the new one is paired.',
  'kiosks.qrAlt': 'QR code that pairs a device',
  'kiosks.newCode': 'New pairing code',
  'kiosks.noCode': 'There is no pairing code. Make one to pair or replace a device.',
  'kiosks.pause': 'Pause',
  'kiosks.resume': 'Go on',
  'kiosks.unpair': 'Unpair the device',
  'kiosks.unpairHelp':
    'The device can send nothing more until it is paired again; answers it still holds are not lost.',
};
