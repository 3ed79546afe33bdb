// In a browser the result is left in the page for the test to read.
import { job } from './job.js';

const say = (state, value) => {
  document.body.dataset.state = state;
  document.body.textContent = JSON.stringify(value);
};
job().then(
  (result) => say('done', result),
  (error) => say('failed', `${error.name} ${error.code}: ${error.message}`),
);
