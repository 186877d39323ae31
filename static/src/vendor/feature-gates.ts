// Atlassian's gates for features of its own products. In an app none is set, so that Atlaskit takes
// what it does by default; its client, a tenth of a megabyte, would find out the same.

export default {
  checkGate: () => false,
  initializeCompleted: () => false,
  getExperimentValue: <T>(_experiment: string, _parameter: string, usual: T): T => usual,
};
