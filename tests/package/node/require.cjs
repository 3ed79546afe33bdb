// CommonJS consumers reach the module by import(), and by require() where Node allows it.
import('limelight-attention').then((module) => console.log(typeof module.loadEngine));
