// The JavaScript that Emscripten writes beside each .wasm file; models-module.ts, arrays-module.ts and training-module.ts say
// what the modules offer.
declare module '*/limelight-simd.js' {
  const create: import('./core.ts').CreateModule<import('./models-module.ts').ModelsModule>;
  export default create;
}
declare module '*/limelight-relaxed.js' {
  const create: import('./core.ts').CreateModule<import('./models-module.ts').ModelsModule>;
  export default create;
}
declare module '*/limelight-threads.js' {
  const create: import('./core.ts').CreateModule<import('./models-module.ts').ModelsModule>;
  export default create;
}
declare module '*/limelight-arrays-simd.js' {
  const create: import('./core.ts').CreateModule<import('./arrays-module.ts').ArraysModule>;
  export default create;
}
declare module '*/limelight-arrays-relaxed.js' {
  const create: import('./core.ts').CreateModule<import('./arrays-module.ts').ArraysModule>;
  export default create;
}
declare module '*/limelight-arrays-threads.js' {
  const create: import('./core.ts').CreateModule<import('./arrays-module.ts').ArraysModule>;
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
