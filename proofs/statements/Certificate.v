(* Ranks and definiteness of rational matrices, from certificates in integers.

   A matrix is given as rows of integers over one denominator. Everything is computed in Z by
   vm_compute; what comes out are theorems about mathcomp's rational matrices, with no axioms. *)
From Coq Require Import ZArith List.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From mathcomp.algebra_tactics Require Import ring.
Import GRing.Theory Num.Theory Order.TTheory. Local Open Scope ring_scope.

Definition toQ (z : Z) : rat := (int_of_Z z)%:~R.
Lemma toQD x y : toQ (x + y)%R = toQ x + toQ y. Proof. by rewrite /toQ rmorphD rmorphD. Qed.
Lemma toQM x y : toQ (x * y)%R = toQ x * toQ y. Proof. by rewrite /toQ rmorphM rmorphM. Qed.
Lemma toQ0 : toQ Z0 = 0. Proof. by []. Qed.
Lemma toQ1 : toQ (Zpos xH) = 1. Proof. by []. Qed.
Lemma toQ_eq0 x : (toQ x == 0) = (x == Z0).
Proof. rewrite /toQ intr_eq0; apply/eqP/eqP => [h|->//]; by rewrite -[x]int_of_ZK h. Qed.

Definition ent (r : list (list Z)) (i j : nat) : Z := List.nth j (List.nth i r nil) Z0.
Definition idm (i j : nat) : Z := if i == j then Zpos xH else Z0.
Definition mx m n (f : nat -> nat -> Z) : 'M[rat]_(m,n) := \matrix_(i,j) toQ (f i j).
Fixpoint dotf (f g : nat -> Z) (n : nat) : Z :=
  match n with O => Z0 | S k => Z.add (dotf f g k) (Z.mul (f k) (g k)) end.
Lemma dotfE f g n : toQ (dotf f g n) = \sum_(k < n) toQ (f k) * toQ (g k).
Proof. elim: n => [|n IH] /=; first by rewrite big_ord0. by rewrite big_ord_recr /= -IH -toQM -toQD. Qed.
Definition each m n (p : nat -> nat -> bool) := all (fun i => all (p i) (iota 0 n)) (iota 0 m).
Lemma eachP m n p : each m n p -> forall (i : 'I_m) (j : 'I_n), p i j.
Proof.
rewrite /each => h i j.
have hi : (i : nat) \in iota 0 m by rewrite mem_iota add0n leq0n ltn_ord.
have hj : (j : nat) \in iota 0 n by rewrite mem_iota add0n leq0n ltn_ord.
by move/allP: h => h; have := h _ hi; move/allP => g; exact: g.
Qed.
Definition prodck m k n d (X U V : nat -> nat -> Z) :=
  each m n (fun i j => Z.eqb (Z.mul d (X i j)) (dotf (U i) (fun l => V l j) k)).
Lemma prodP m k n d X U V : prodck m k n d X U V -> toQ d *: mx m n X = mx m k U *m mx k n V.
Proof.
move=> h; apply/matrixP => i j; rewrite !mxE -toQM.
have /Z.eqb_eq e : Z.eqb (Z.mul d (X i j)) (dotf (U i) (fun l => V l j) k) by have := eachP _ _ _ h i j.
rewrite (_ : (d * X i j)%R = Z.mul d (X i j)) // e dotfE; apply: eq_bigr => l _; by rewrite !mxE.
Qed.

Lemma idmE n : mx n n idm = 1%:M.
Proof. apply/matrixP => i j; rewrite !mxE /idm -val_eqE /=; by case: ifP. Qed.

(* rank M = r, because  d M = U V  and  A M B = e 1 *)
Definition rank_cert m n r d e M U V A B P :=
  [&& d != Z0, e != Z0, prodck m r n d M U V, prodck r m n (Zpos xH) P A M & prodck r n r e idm P B].
Theorem rankP m n r d e M U V A B P : rank_cert m n r d e M U V A B P -> \rank (mx m n M) = r.
Proof.
case/and5P => d0 e0 /prodP up /prodP mid /prodP low.
apply/eqP; rewrite eqn_leq; apply/andP; split.
  have -> : \rank (mx m n M) = \rank (toQ d *: mx m n M) by rewrite mxrank_scale_nz // toQ_eq0.
  by rewrite up (leq_trans (mxrankM_maxl _ _)) ?rank_leq_col.
have I := idmE r.
move: low mid; rewrite I toQ1 scale1r => low mid.
rewrite -{1}(mxrank1 rat_fieldType r) -(_ : \rank (toQ e *: 1%:M : 'M[rat]_r) = \rank (1%:M : 'M[rat]_r)); last by rewrite mxrank_scale_nz // toQ_eq0.
rewrite low mid; apply: (leq_trans (mxrankM_maxl _ _)); exact: mxrankM_maxr.
Qed.


(* S is positive semidefinite, by symmetric elimination. With S = ((a, v), (v, R)) and a > 0,
   a x^T S x = (a x_0 + v.y)^2 + c y^T T y   where x = (x_0, y) and c T = a R - v v^T. *)
Lemma toQ_gt0 x : Z.ltb Z0 x -> 0 < toQ x.
Proof.
case: x => // p _; rewrite /toQ ltr0z /=; have := Pos2Nat.is_pos p.
by case: (Pos.to_nat p) => // /PeanoNat.Nat.lt_irrefl.
Qed.
Fixpoint dot (u : list Z) (x : list rat) : rat :=
  match u, x with a :: u', b :: x' => toQ a * b + dot u' x' | _, _ => 0 end.
Fixpoint form (S : list (list Z)) (y x : list rat) : rat :=
  match S, y with r :: S', b :: y' => b * dot r x + form S' y' x | _, _ => 0 end.
Fixpoint comb (a b : Z) (r v : list Z) : list Z :=
  match r, v with p :: r', q :: v' => Z.sub (Z.mul a p) (Z.mul b q) :: comb a b r' v' | _, _ => nil end.
Fixpoint same (u v : list Z) : bool :=
  match u, v with a :: u', b :: v' => Z.eqb a b && same u' v' | nil, nil => true | _, _ => false end.
Lemma sameP u v : same u v -> u = v.
Proof. elim: u v => [|a u IH] [|b v] //= /andP [/Z.eqb_eq -> h]; by rewrite (IH v). Qed.
Lemma dot_comb a b r v x : size r = size v -> dot (comb a b r v) x = toQ a * dot r x - toQ b * dot v x.
Proof.
elim: r v x => [|p r IH] [|q v] [|y x] //=; try (by move=> _; rewrite !mulr0 subr0).
move=> [h]; rewrite (IH v x h) (_ : Z.sub (Z.mul a p) (Z.mul b q) = (a * p + (- b) * q)%R); last first.
  rewrite /GRing.add /GRing.mul /GRing.opp /=; ring.
rewrite toQD !toQM (_ : toQ (- b)%R = - toQ b); last by rewrite /toQ !rmorphN.
ring.
Qed.
Lemma dot_scale c u x : dot (map (Z.mul c) u) x = toQ c * dot u x.
Proof. elim: u x => [|p u IH] [|y x] /=; rewrite ?mulr0 // IH toQM mulrDr mulrA; by []. Qed.

Definition heads (rows : list (list Z)) := map (fun r => List.hd Z0 r) rows.
Definition tails (rows : list (list Z)) := map (fun r => List.tl r) rows.
Definition schur a (v : list Z) c (rows : list (list Z)) :=
  map (fun r => map (fun z => Z.div z c) (comb a (List.hd Z0 r) (List.tl r) v)) rows.
(* every row has the length of v and a head, and c divides where it has to *)
Definition fits a (v : list Z) c (rows : list (list Z)) :=
  all (fun r => match r with nil => false | b :: r' =>
    (size r' == size v) && same (map (Z.mul c) (map (fun z => Z.div z c) (comb a b r' v))) (comb a b r' v) end) rows.

Lemma form_schur a v c rows y x : fits a v c rows ->
  toQ c * form (schur a v c rows) y x = toQ a * form (tails rows) y x - dot (heads rows) y * dot v x.
Proof.
elim: rows y => [|[|b r] rows IH] [|q y] //=; rewrite ?mulr0 ?mul0r ?subrr // => /andP [/andP [/eqP h /sameP e] f].
rewrite mulrDr (IH y f) mulrCA -dot_scale e dot_comb //; ring.
Qed.
Lemma form_first (rows : list (list Z)) q y x : all (fun r => r != nil) rows ->
  form rows y (q :: x) = dot (heads rows) y * q + form (tails rows) y x.
Proof.
elim: rows y => [|[|b r] rows IH] [|p y] //=; rewrite ?mul0r ?addr0 // => h.
rewrite (IH y h); ring.
Qed.
Lemma fits_heads a v c rows : fits a v c rows -> all (fun r => r != nil) rows.
Proof. by elim: rows => [|[|b r] rows IH] //= /andP [_ /IH]. Qed.
Lemma form_step a v c rows q x : fits a v c rows -> heads rows = v ->
  toQ a * form ((a :: v) :: rows) (q :: x) (q :: x) = (toQ a * q + dot v x) ^+ 2 + toQ c * form (schur a v c rows) x x.
Proof.
move=> f h; rewrite form_schur // h /= form_first ?h ?(fits_heads _ _ _ _ f) //; ring.
Qed.
Lemma dot_zero v x : all (fun z => Z.eqb z Z0) v -> dot v x = 0.
Proof. elim: v x => [|p v IH] [|y x] //= /andP [/Z.eqb_eq -> h]; by rewrite IH // mul0r addr0. Qed.

(* the elimination; n bounds its steps, c is the pivot before, strict asks for pivots > 0 *)
Fixpoint psd (strict : bool) (n : nat) (c : Z) (S : list (list Z)) : bool :=
  match n, S with
  | _, nil => true
  | n'.+1, (a :: v) :: rows =>
      same (heads rows) v &&
      (if Z.eqb a Z0
       then ~~ strict && all (fun z => Z.eqb z Z0) v && all (fun r => r != nil) rows && psd strict n' c (tails rows)
       else Z.ltb Z0 a && fits a v c rows && psd strict n' a (schur a v c rows))
  | _, _ => false
  end.

Lemma psd_ge0 s n c S x : Z.ltb Z0 c -> psd s n c S -> 0 <= form S x x.
Proof.
elim: n c S x => [|n IH] c [|[|a v] rows] [|q x] //= c0 /andP [/sameP h].
case: ifP => [/Z.eqb_eq -> /andP [/andP [/andP [_ z] ne] p]|_ /andP [/andP [a0 f] p]].
  rewrite form_first // h dot_zero // toQ0 !mul0r !add0r mulr0 add0r; exact: IH _ _ _ c0 p.
have a0' := toQ_gt0 _ a0; rewrite -(pmulr_rge0 _ a0').
have /= -> := form_step _ _ _ _ q x f h.
apply: addr_ge0; first exact: sqr_ge0.
apply: mulr_ge0; first by apply: ltW; exact: toQ_gt0.
exact: IH _ _ _ a0 p.
Qed.
Lemma psd_gt0 n c S x : Z.ltb Z0 c -> psd true n c S -> size x = size S -> has (fun q => q != 0) x -> 0 < form S x x.
Proof.
elim: n c S x => [|n IH] c [|[|a v] rows] [|q x] //= c0 /andP [/sameP h].
case: ifP => [_ //|_ /andP [/andP [a0 f] p] e ne].
have a0' := toQ_gt0 _ a0; rewrite -(pmulr_rgt0 _ a0').
have /= -> := form_step _ _ _ _ q x f h.
have es : size x = size (schur a v c rows) by rewrite size_map; exact: eq_add_S _ _ e.
case n0 : (has (fun q => q != 0) x).
  apply: ltr_paddl; first exact: sqr_ge0.
  apply: mulr_gt0; first exact: toQ_gt0.
  exact: IH _ _ _ a0 p es n0.
have x0 w : dot w x = 0.
  elim: x {e ne es} n0 w => [|y x IHx] /=; first by move=> _ [|b w].
  move/negbT; rewrite negb_or negbK => /andP [/eqP -> /negbTE n0] [|b w] //=; by rewrite IHx // mulr0 addr0.
have q0 : q != 0 by move: ne; rewrite n0 orbF.
have s0 : 0 <= form (schur a v c rows) x x by exact: psd_ge0 _ _ _ _ _ a0 p.
rewrite x0 addr0; apply: ltr_paddr.
  by apply: mulr_ge0 => //; apply: ltW; exact: toQ_gt0.
by rewrite exprn_even_gt0 //= mulf_neq0 // lt0r_neq0.
Qed.

(* from lists to mathcomp's matrices *)
Fixpoint vec (n : nat) (f : nat -> rat) : list rat :=
  match n with O => nil | k.+1 => f 0%N :: vec k (fun i => f i.+1) end.
Lemma size_vec n f : size (vec n f) = n.
Proof. by elim: n f => [|n IH] f //=; rewrite IH. Qed.
Lemma dot_vec u n f : size u = n -> dot u (vec n f) = \sum_(i < n) toQ (List.nth i u Z0) * f i.
Proof.
elim: u n f => [|a u IH] [|n] f //= => [_|[h]]; first by rewrite big_ord0.
by rewrite big_ord_recl /= (IH n _ h).
Qed.
Lemma form_vec S m n f g : size S = m -> all (fun r => size r == n) S ->
  form S (vec m f) (vec n g) = \sum_(i < m) f i * \sum_(j < n) toQ (ent S i j) * g j.
Proof.
elim: S m f => [|r S IH] [|m] f //= => [_ _|[h] /andP [/eqP e a]]; first by rewrite big_ord0.
by rewrite big_ord_recl /= (IH m _ h a) dot_vec.
Qed.
Lemma has_vec n f k : (k < n)%N -> f k != 0 -> has (fun q => q != 0) (vec n f).
Proof. elim: n f k => [|n IH] f [|k] //= h fk; first by rewrite fk. by rewrite (IH (fun i => f i.+1) k) ?orbT. Qed.
Definition square (S : list (list Z)) n := (size S == n) && all (fun r => size r == n) S.
Definition at_ n (x : 'cV[rat]_n) (i : nat) : rat := if insub i is Some j then x j 0 else 0.
Lemma at_E n (x : 'cV[rat]_n) (i : 'I_n) : at_ n x i = x i 0.
Proof. by rewrite /at_ valK. Qed.
Lemma formE S n (x : 'cV[rat]_n) : square S n ->
  (x^T *m mx n n (ent S) *m x) 0 0 = form S (vec n (at_ n x)) (vec n (at_ n x)).
Proof.
case/andP => /eqP h a; rewrite form_vec // -mulmxA mxE; apply: eq_bigr => i _.
rewrite at_E [X in X * _]mxE; congr (_ * _); rewrite mxE; apply: eq_bigr => j _.
by rewrite at_E mxE.
Qed.

Definition psd_cert (strict : bool) n S := square S n && psd strict n (Zpos xH) S.
Theorem psdP n S : psd_cert false n S -> forall x : 'cV[rat]_n, 0 <= (x^T *m mx n n (ent S) *m x) 0 0.
Proof. case/andP => sq p x; rewrite formE //; exact: psd_ge0 _ _ _ _ _ _ p. Qed.
Theorem pdP n S : psd_cert true n S -> forall x : 'cV[rat]_n, x != 0 -> 0 < (x^T *m mx n n (ent S) *m x) 0 0.
Proof.
case/andP => sq p x x0; rewrite formE //; apply: psd_gt0 _ _ _ _ _ p _ _ => //.
  by rewrite size_vec; case/andP: sq => /eqP.
have [i xi] : exists i, x i 0 != 0.
  apply/existsP; rewrite -[X in is_true X]negbK; apply/negP => /existsPn h.
  case/negP: x0; apply/eqP/matrixP => i j; rewrite [j]ord1 [RHS]mxE; apply/eqP; by move: (h i); rewrite negbK.
apply: has_vec (ltn_ord i) _; by rewrite at_E.
Qed.

(* a matrix of rationals: integers over a common denominator *)
Definition over m n (d : Z) (M : list (list Z)) : 'M[rat]_(m, n) := (toQ d)^-1 *: mx m n (ent M).
Theorem over_rank m n d M r : d != Z0 -> \rank (mx m n (ent M)) = r -> \rank (over m n d M) = r.
Proof. by move=> d0 <-; rewrite mxrank_scale_nz // invr_eq0 toQ_eq0. Qed.
Lemma over_form n d M (x : 'cV[rat]_n) :
  (x^T *m over n n d M *m x) 0 0 = (toQ d)^-1 * (x^T *m mx n n (ent M) *m x) 0 0.
Proof. by rewrite /over -scalemxAr -scalemxAl [LHS]mxE. Qed.
Theorem over_psd n d M : Z.ltb Z0 d -> psd_cert false n M -> forall x : 'cV[rat]_n, 0 <= (x^T *m over n n d M *m x) 0 0.
Proof. by move=> d0 c x; rewrite over_form mulr_ge0 ?(psdP _ _ c) // invr_ge0 ltW // toQ_gt0. Qed.
Theorem over_pd n d M : Z.ltb Z0 d -> psd_cert true n M -> forall x : 'cV[rat]_n, x != 0 -> 0 < (x^T *m over n n d M *m x) 0 0.
Proof. by move=> d0 c x x0; rewrite over_form mulr_gt0 ?(pdP _ _ c) // invr_gt0 toQ_gt0. Qed.

(* a direction of negative curvature *)
Definition neg_cert n (M : list (list Z)) (v : nat -> Z) := Z.ltb (dotf v (fun i => dotf (ent M i) v n) n) Z0.
Theorem over_neg n d M v : Z.ltb Z0 d -> neg_cert n M v ->
  exists x : 'cV[rat]_n, (x^T *m over n n d M *m x) 0 0 < 0.
Proof.
move=> d0 c; exists (mx n 1 (fun i _ => v i)); rewrite over_form pmulr_rlt0 ?invr_gt0 ?toQ_gt0 //.
have -> : ((mx n 1 (fun i _ => v i))^T *m mx n n (ent M) *m mx n 1 (fun i _ => v i)) 0 0
  = toQ (dotf v (fun i => dotf (ent M i) v n) n).
  rewrite dotfE -mulmxA mxE; apply: eq_bigr => i _; rewrite [X in X * _]mxE [X in X * _]mxE; congr (_ * _).
  by rewrite dotfE mxE; apply: eq_bigr => j _; rewrite !mxE.
rewrite -oppr_gt0 (_ : - toQ _ = toQ (- dotf v (fun i => dotf (ent M i) v n) n)%R); last by rewrite /toQ !rmorphN.
apply: toQ_gt0; apply/Z.ltb_lt; move/Z.ltb_lt: c => c; exact/Z.opp_pos_neg.
Qed.
