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
for(const mode of ['eager','eager','graph']){
 const model=mobileNetV2({classes:2,alpha:0.35,rescaling:{scale:1/127.5,offset:-1},seed:seeds});
 const h=await applyFreezePolicy(model,'all'); const o=new SGD();
 const t=mode==='eager'?eagerTrainer(model,h,o):compileTrainer(model,h,o,{size,batchSizes:[8,4]});
 const ls=[]; for(let i=0;i<6;i++) ls.push(t.step(bs[i%3],1e-3/(1+i)).loss);
 console.log(mode,ls.map(l=>l.toFixed(7)).join(' '));
 const st=await t.state(); if(!res.s) res.s=st; else { let worst=['',0]; for(const [k,v] of st){const r=res.s.get(k)??[...res.s].find(([n])=>n===k)?.[1]; if(!r){console.log('missing',k);break;} let d=0,m=0; v.values.forEach((q,i)=>{d=Math.max(d,Math.abs(q-r.values[i]));m=Math.max(m,Math.abs(r.values[i]));}); if(d/(m+1e-6)>worst[1]) worst=[k,d/(m+1e-6)];} console.log(worst);}
}
