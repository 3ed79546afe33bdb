// The JavaScript that Emscripten writes beside each .wasm file; core.ts says what the module offers.
declare module '*/limelight-simd.js' {
  const create: import('./core.ts').CreateModule;
  export default create;
}
declare module '*/limelight-relaxed.js' {
  const create: import('./core.ts').CreateModule;
  export default create;
}
declare module '*/limelight-threads.js' {
  const create: import('./core.ts').CreateModule;
  export default create;
}
declare module '*/limelight-training-simd.js' {
  const create: import('./core.ts').CreateModule<import('./training-module.ts').TrainingModule>;
  export default create;
}
declare module '*/limelight-training-relaxed.js' {
  const create: import('./core.ts').CreateModule<import('./training-module.ts').TrainingModule>;
  export default create;
}
