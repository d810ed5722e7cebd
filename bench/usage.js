// Required before a program that is measured: answers each message with what its process has used so far.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuSeconds: (user + system) / 1_000_000, rss: process.memoryUsage.rss() });
});
// The channel must not keep alive a program that has come to its end.
process.channel?.unref();
