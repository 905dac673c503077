import { z } from 'zod';

/*
 * A metav1.LabelSelector, read and answered as Kubernetes does it
 * (apimachinery, pkg/labels/selector.go). The lengths are those that the API
 * server allows in labels; they and the numbers bound what a rule of CEL may cost.
 */

const key = z.string().min(1).max(317);
const value = z.string().max(63);

const requirement = z.object({
  key: key.describe('the label that is asked about'),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z
    .array(value)
    .max(50)
    .optional()
    .describe('of In and NotIn, at least one; Exists and DoesNotExist take none'),
});
type Requirement = z.infer<typeof requirement>;

export const labelSelector = z.object({
  matchLabels: z.record(z.string(), value).optional().describe('labels that have to be there, each with this value'),
  matchExpressions: z.array(requirement).max(20).optional().describe('all of them have to hold'),
});
export type LabelSelector = z.infer<typeof labelSelector>;

export type Labels = Readonly<Record<string, string>>;

const holds: Readonly<
  Record<Requirement['operator'], (label: string | undefined, values: readonly string[]) => boolean>
> = {
  In: (label, values) => label !== undefined && values.includes(label),
  NotIn: (label, values) => label === undefined || !values.includes(label),
  Exists: (label) => label !== undefined,
  DoesNotExist: (label) => label === undefined,
};

const labelOf = (labels: Labels, name: string): string | undefined =>
  Object.hasOwn(labels, name) ? labels[name] : undefined;

/** Do these labels meet all requirements of the selector? One without requirements selects everything. */
export const selects = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([name, wanted]) => labelOf(labels, name) === wanted) &&
  matchExpressions.every(({ key: name, operator, values = [] }) => holds[operator](labelOf(labels, name), values));

/** How narrow it is: the number of its requirements, each label and each expression being one. */
export const requirementsOf = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): number =>
  Object.keys(matchLabels).length + matchExpressions.length;
