// Loaded into the programs that are shown: Temporal keeps the name of a worker's host, and shows it.
require('node:os').hostname = () => 'worker.example.com';
