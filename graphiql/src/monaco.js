// Tells Monaco where its web workers are: one file from our own address plays all three.
import workerUrl from "worker-url";

globalThis.MonacoEnvironment = {
  getWorker: (_moduleId, label) => new Worker(workerUrl, { type: "module", name: label }),
};
