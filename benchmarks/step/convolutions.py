"""Convolutions of ResNet50V2 as TensorFlow's convolution kernels and as matrix products (M), in ms and
GFLOP/s: the source of the thresholds in packages/engine/src/graph/convolutions-as-products.ts. python3 convolutions.py bf16|f32 [size]"""
import os
import sys
import time

os.environ['TF_CPP_MIN_LOG_LEVEL']='3'
import tensorflow as tf
dt=tf.bfloat16 if sys.argv[1]=='bf16' else tf.float32
S=int(sys.argv[2]) if len(sys.argv)>2 else 128
def bench(f,*a,n=11):
    g=tf.function(f); g(*a); g(*a)
    ts=[]
    for _ in range(n):
        t=time.perf_counter(); r=g(*a); ts.append((time.perf_counter()-t)*1e3)
    ts.sort(); return ts[1]
B=32
s=S//128
# h, ic, oc, k, count
shapes = [(32*s,64,64,1,1),(32*s,64,256,1,4),(32*s,256,64,1,2),(32*s,64,64,3,2),(16*s,256,128,1,1),(16*s,256,512,1,1),(16*s,128,512,1,4),(16*s,512,128,1,3),(16*s,128,128,3,3),(8*s,512,256,1,1),(8*s,512,1024,1,1),(8*s,256,1024,1,6),(8*s,1024,256,1,5),(8*s,256,256,3,5),(4*s,1024,512,1,1),(4*s,1024,2048,1,1),(4*s,512,2048,1,3),(4*s,2048,512,1,2),(4*s,512,512,3,3)]
tot={}
for (h,ic,oc,k,cnt) in shapes:
    p=h+k-1
    x=tf.cast(tf.random.normal([B,p,p,ic]),dt); dy=tf.cast(tf.random.normal([B,h,h,oc]),dt); fs=[k,k,ic,oc]
    w=tf.cast(tf.random.normal(fs),dt)
    fl=2*B*h*h*ic*oc*k*k/1e9
    r={}
    r['bpf']=bench(lambda x,dy: tf.raw_ops.Conv2DBackpropFilter(input=x,filter_sizes=fs,out_backprop=dy,strides=[1,1,1,1],padding='VALID'),x,dy)
    r['fwd']=bench(lambda x,w: tf.nn.conv2d(x,w,1,'VALID'),x,w)
    r['bpi']=bench(lambda w,dy: tf.raw_ops.Conv2DBackpropInput(input_sizes=[B,p,p,ic],filter=w,out_backprop=dy,strides=[1,1,1,1],padding='VALID'),w,dy)
    if k==1:
        r['bpfM']=bench(lambda x,dy: tf.matmul(tf.reshape(x,[-1,ic]),tf.reshape(dy,[-1,oc]),transpose_a=True),x,dy)
        r['fwdM']=bench(lambda x,w: tf.matmul(tf.reshape(x,[-1,ic]),tf.reshape(w,[ic,oc])),x,w)
        r['bpiM']=bench(lambda w,dy: tf.matmul(tf.reshape(dy,[-1,oc]),tf.reshape(w,[ic,oc]),transpose_b=True),w,dy)
    else:
        cols=lambda x,h: tf.reshape(tf.concat([x[:,i:i+h,j:j+h,:] for i in range(k) for j in range(k)],-1),[B*h*h,-1])
        r['bpfM']=bench(lambda x,dy: tf.matmul(cols(x,h),tf.reshape(dy,[-1,oc]),transpose_a=True),x,dy)
        r['fwdM']=bench(lambda x,w: tf.matmul(cols(x,h),tf.reshape(w,[-1,oc])),x,w)
        def full(w,dy):
            d=tf.pad(dy,[[0,0],[k-1,k-1],[k-1,k-1],[0,0]])
            wr=tf.reshape(tf.transpose(tf.reverse(w,[0,1]),[0,1,3,2]),[-1,ic])
            return tf.matmul(cols(d,p),wr)
        r['bpiM']=bench(full,w,dy)
    for n in('fwd','bpi','bpf'):
        tot[n]=tot.get(n,0)+cnt*r[n]; tot[n+'M']=tot.get(n+'M',0)+cnt*r[n+'M']; tot[n+'best']=tot.get(n+'best',0)+cnt*min(r[n],r[n+'M'])
    print(h,ic,oc,k,'x',cnt,' '.join(f'{n}:{a:.1f}({fl/a*1e3:.0f})' for n,a in r.items()),flush=True)
print({n:round(v) for n,v in tot.items()})
