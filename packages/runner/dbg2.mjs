import { useEngine } from '@fixres/engine/node';
import * as tf from '@tensorflow/tfjs-core';
import { applyFreezePolicy } from '@fixres/finetune';
import { Adam, SGD, mobileNetV2 } from '@fixres/models';
import { compileTrainer } from '@fixres/runner/node';
import { eagerTrainer } from '@fixres/runner';
await useEngine({engine:'tensorflow'});
const size=64; const seeds=+(process.argv[2]||4);
let x=12345; const rnd=()=>{x=(x*1103515245+12345)&0x7fffffff;return x>>16;};
const batch=b=>({pixels:new Uint8Array(b*size*size*3).map(rnd), shape:[b,size,size,3], labels:Int32Array.from({length:b},(_,i)=>i%2), indices:new Uint32Array(b)});
const bs=[batch(8),batch(8),batch(4)];
const res={};
for(const mode of ['eager','graph']){
 const model=mobileNetV2({classes:2,alpha:0.35,rescaling:{scale:1/127.5,offset:-1},seed:seeds});
 const h=await applyFreezePolicy(model,'all'); const o=new SGD();
 const t=mode==='eager'?eagerTrainer(model,h,o):compileTrainer(model,h,o,{size,batchSizes:[8,4]});
 if(!res.init) res.init=await t.state(); const ls=[]; for(let i=0;i<1;i++) ls.push(t.step(bs[i%3],1).loss);
 console.log(mode,ls.map(l=>l.toFixed(7)).join(' '));
 const st=await t.state(); res[mode]=st; if(!res.init){}
}
const out=[]; for(const [k,v] of res.graph){ if(k.startsWith('optim'))continue; const r=res.eager.get(k); const i0=res.init.get(k); let d=0,m=0; v.values.forEach((q,i)=>{d=Math.max(d,Math.abs(q-r.values[i]));m=Math.max(m,Math.abs(r.values[i]-i0.values[i]));}); out.push([d/(m+1e-12),d,m,k]);}
out.sort((a,b)=>b[0]-a[0]); console.log(out.slice(0,25).map(o=>o.join(' ')).join('\n'));
