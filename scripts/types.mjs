// Checks the types of the server, the widget and the tests. Exit code 1 when any of them has a fault.
import { spawnSync } from 'node:child_process';

const projects = ['.', 'src/widget', 'test'];
const failed = projects.filter((project) => {
  const done = spawnSync(process.execPath, ['node_modules/typescript-7/bin/tsc', '-p', project, '--noEmit'], { stdio: 'inherit' });
  return done.status !== 0;
});
process.exit(failed.length === 0 ? 0 : 1);
