// Required before a program: writes the most memory that its process held to the file PEAK_MEMORY_FILE, in bytes.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  writeFileSync(process.env.PEAK_MEMORY_FILE ?? '', String(process.resourceUsage().maxRSS * 1024));
});
