import type { Target } from '../target';
import { ACCESS_TARGETS } from './access';
import { BREVO_TARGETS } from './brevo';
import { COMMAND_LINE_TARGETS } from './command-line';
import { CONFIG_TARGETS } from './config';
import { DIDOMI_TARGETS } from './didomi';
import { ENCRYPTED_TARGETS } from './encrypted';
import { FILE_TARGETS } from './files';
import { LEDGER_TARGETS } from './ledger';

/** Every parser of what comes from outside. */
export const TARGETS: readonly Target[] = [
  ...DIDOMI_TARGETS,
  ...BREVO_TARGETS,
  ...ACCESS_TARGETS,
  ...CONFIG_TARGETS,
  ...LEDGER_TARGETS,
  ...FILE_TARGETS,
  ...COMMAND_LINE_TARGETS,
  ...ENCRYPTED_TARGETS,
];
