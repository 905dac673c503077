import type { Node, Pod } from '../../api/pod.ts';

/** Docker Hub's names are written with and without their default parts. */
const canonical = (image: string): string => {
  const short = image.replace(/^docker\.io\//, '').replace(/^library\//, '');
  return /[:@][^/]*$/.test(short) ? short : `${short}:latest`;
};

/** The names of all images that a node says it has. */
export const imagesOf = (node: Node | undefined): ReadonlySet<string> =>
  new Set((node?.status?.images ?? []).flatMap(({ names }) => names ?? []).map(canonical));

export const isAmong = (image: string, present: ReadonlySet<string>): boolean => present.has(canonical(image));

/** By default a kubelet tells of so many images, the largest, and of so many names of each (nodeStatusMaxImages, MaxNamesPerImageInNodeStatus). */
const mostImages = 50;
const mostNames = 5;

const tellsAll = ({ status }: Node): boolean => {
  const images = status?.images ?? [];
  // A kubelet that could not ask its runtime tells of none.
  return (
    images.length > 0 && images.length < mostImages && images.every(({ names }) => (names ?? []).length < mostNames)
  );
};

/** Is it certain that a node does not have an image? */
export const lacksForSure = (node: Node, image: string): boolean => tellsAll(node) && !isAmong(image, imagesOf(node));

/** The images of a pod that have to be on the node already. */
export const unpulledImagesOf = ({ spec }: Pod): readonly string[] =>
  spec.containers.flatMap(({ image, imagePullPolicy }) =>
    imagePullPolicy === 'Never' && image !== undefined ? [image] : [],
  );
