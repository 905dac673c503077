/** One thing that must hold, as CEL. */
export interface Check {
  readonly expression: string;
  /** What whoever is refused reads: a sentence, or CEL that makes one. */
  readonly message: string | { readonly cel: string };
}

/** The requests that a policy is about. */
export interface Concern {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly string[];
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
}

/** What a ValidatingAdmissionPolicy of ours is made of. */
export interface Policy {
  readonly name: string;
  readonly concern: Concern;
  /** All of them must hold for a request to be looked at; by name. */
  readonly conditions?: Readonly<Record<string, string>>;
  /** Each may use those before it, as `variables.NAME`. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly checks: readonly Check[];
}

const named = (expressions: Readonly<Record<string, string>> | undefined) =>
  Object.entries(expressions ?? {}).map(([name, expression]) => ({ name, expression }));

const validationOf = ({ expression, message }: Check): object => ({
  expression,
  ...(typeof message === 'string' ? { message } : { messageExpression: message.cel }),
  reason: 'Forbidden',
});

/**
 * The policy and its binding. `failurePolicy: Fail` costs no availability: the
 * API server evaluates it itself and asks nobody.
 */
export const documentsOf = ({ name, concern, conditions, variables, checks }: Policy): readonly object[] => [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [concern.group],
            apiVersions: [concern.version],
            operations: concern.operations,
            resources: concern.resources,
          },
        ],
      },
      ...(conditions && { matchConditions: named(conditions) }),
      ...(variables && { variables: named(variables) }),
      validations: checks.map(validationOf),
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  },
];
